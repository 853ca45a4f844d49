/**
 * Version 12, as released: how many codes there are of the form of a batch's, for the odds that a guess hits one. Null: of a batch that is older; its
 * codes count as those of the configuration's form. Never edited afterwards.
 */
export const SCHEMA_CODE_SPACE = `
ALTER TABLE voucher_batch ADD COLUMN code_space REAL CHECK (code_space >= 1);
`;
