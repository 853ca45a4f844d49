/**
 * Version 6, as released: what devices behind a station used, apart. Never edited afterwards.
 *
 * A session's tethered flows have a meter of the class `tethered`. What they used is a part of the session's items and of its
 * account's transfers: these say how much of them was tethered.
 */
export const SCHEMA_CLASSES = `
ALTER TABLE package ADD COLUMN tethered_rule TEXT CHECK (tethered_rule IN ('allowed', 'slowed', 'blocked')); -- null: the venue's
ALTER TABLE package ADD COLUMN tethered_bytes_per_second INTEGER CHECK (tethered_bytes_per_second > 0);
ALTER TABLE package ADD COLUMN tethered_after_bytes INTEGER CHECK (tethered_after_bytes >= 0);

ALTER TABLE transfer ADD COLUMN tethered INTEGER NOT NULL DEFAULT 0 CHECK (tethered BETWEEN 0 AND amount);

CREATE TABLE tethered_item (
	session INTEGER NOT NULL REFERENCES session,
	reason TEXT NOT NULL REFERENCES reason, -- of the item that it is a part of
	package INTEGER NOT NULL, -- the balance that was being spent: also where that does not pay for bytes; 0: none
	amount INTEGER NOT NULL CHECK (amount > 0), -- bytes
	PRIMARY KEY (session, reason, package)
) STRICT, WITHOUT ROWID;
CREATE INDEX tethered_item_package ON tethered_item (package);

-- All new flows of these stations are of one class, by the operator's word.
CREATE TABLE pin (
	mac TEXT PRIMARY KEY,
	class TEXT NOT NULL CHECK (class IN ('own', 'tethered'))
) STRICT, WITHOUT ROWID;
`;
