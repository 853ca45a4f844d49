/** Usage records that end while their station stays attached. Never edited once released. */
export const SCHEMA_RECORDS = `
-- whose record had ended while the station stayed attached: both are rated as one
ALTER TABLE session ADD COLUMN follows INTEGER REFERENCES session CHECK (follows < number);
CREATE UNIQUE INDEX session_follows ON session (follows) WHERE follows IS NOT NULL;
`;
