/** What customers do on the portal: plans bought from the wallet, and the names that they give to their devices. Never edited once released. */
export const SCHEMA_CUSTOMERS = `
INSERT INTO reason VALUES ('spent');
INSERT INTO balance (unit, house) VALUES ('micro', 'sold'); -- money that customers' wallets have paid for plans

CREATE TABLE device_name (
	mac TEXT PRIMARY KEY,
	name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
	set_wall_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
