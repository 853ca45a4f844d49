/**
 * Version 10, as released: what stations used themselves, apart from what devices behind them did. Never edited afterwards.
 *
 * What was used before is known of packages of bytes. Of time and of money it is not: own flows begin at nothing there.
 */
export const SCHEMA_OWN = `
ALTER TABLE package ADD COLUMN own_rule TEXT CHECK (own_rule IN ('allowed', 'slowed', 'blocked')); -- null: the venue's
ALTER TABLE package ADD COLUMN own_bytes_per_second INTEGER CHECK (own_bytes_per_second > 0);
ALTER TABLE package ADD COLUMN own_after_bytes INTEGER CHECK (own_after_bytes >= 0);

-- bytes of own flows that passed while this package was being spent: also where it does not pay for bytes
ALTER TABLE balance ADD COLUMN own_bytes INTEGER NOT NULL DEFAULT 0 CHECK (own_bytes >= 0);

UPDATE balance SET own_bytes = used.amount FROM (
	SELECT source, sum(amount) AS amount FROM item WHERE unit = 'byte' AND reason = 'used' GROUP BY source
) AS used WHERE number = used.source;
UPDATE balance SET own_bytes = own_bytes - part.amount FROM (
	SELECT package, sum(amount) AS amount FROM tethered_item WHERE reason = 'used' GROUP BY package
) AS part WHERE number = part.package;
`;
