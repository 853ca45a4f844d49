/** How far an access point says that its stream was acknowledged. */
export const SCHEMA_TOLD = `
ALTER TABLE usage_stream ADD COLUMN told BIGINT NOT NULL DEFAULT 0;
`;
