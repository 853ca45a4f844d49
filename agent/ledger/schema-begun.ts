/**
 * Version 11, as released: the part of a second that an account has had and that is not charged yet. Never edited afterwards.
 *
 * Time is charged in whole seconds. What had begun when a station left was free, so whoever came and went each second paid nothing.
 */
export const SCHEMA_BEGUN = `
ALTER TABLE account ADD COLUMN begun_ms INTEGER NOT NULL DEFAULT 0 CHECK (begun_ms >= 0);
-- it goes along with the time or the money that would have paid for it
ALTER TABLE gift ADD COLUMN begun_ms INTEGER NOT NULL DEFAULT 0 CHECK (begun_ms >= 0);
`;
