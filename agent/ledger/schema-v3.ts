/**
 * Version 3, as released: money, tariffs, grace, groups, cycles, alerts, and itemised records. Never edited afterwards.
 *
 * Nothing of former versions is rewritten: tables get columns, and new reasons, units and balances are rows. What was used before
 * gets one item a session, `earlier`, so that every record is itemised to its sum.
 */
export const SCHEMA_V3 = `
INSERT INTO unit VALUES ('micro'); -- millionths of the currency
INSERT INTO reason VALUES ('rated'), ('renewed'), ('grace'), ('grace_ended'), ('lent'), ('drawn'), ('returned'), ('regained'),
	('given'), ('received'), ('earlier');
INSERT INTO balance (unit, house) VALUES ('micro', 'issued'), ('micro', 'served'), ('micro', 'unpaid'), ('micro', 'expired'),
	('byte', 'rated'), ('second', 'rated'), ('byte', 'transit'), ('second', 'transit'), ('micro', 'transit');

-- The terms of a tariff as they were when somebody bought under it. Another price under the same name is another row.
CREATE TABLE tariff (
	number INTEGER PRIMARY KEY,
	name TEXT NOT NULL,
	unit TEXT NOT NULL REFERENCES unit CHECK (unit <> 'micro'),
	price_micro INTEGER NOT NULL CHECK (price_micro >= 0),
	per INTEGER NOT NULL CHECK (per > 0),
	free INTEGER NOT NULL CHECK (free >= 0),
	first INTEGER NOT NULL CHECK (first > 0),
	step INTEGER NOT NULL CHECK (step > 0),
	UNIQUE (name, unit, price_micro, per, free, first, step)
) STRICT;
CREATE TRIGGER tariff_is_never_changed BEFORE UPDATE ON tariff
BEGIN SELECT RAISE(ABORT, 'tariffs are never changed'); END;
CREATE TRIGGER tariff_is_never_deleted BEFORE DELETE ON tariff
BEGIN SELECT RAISE(ABORT, 'tariffs are never deleted'); END;

ALTER TABLE account ADD COLUMN tariff INTEGER REFERENCES tariff; -- by which its wallet is spent from now on
ALTER TABLE account ADD COLUMN grace INTEGER REFERENCES package; -- given since the last purchase, so not again
-- bytes or seconds that the kernel may spend now for money; some cost nothing more: the free part, the rest of a paid minute
ALTER TABLE account ADD COLUMN wallet_open INTEGER NOT NULL DEFAULT 0 CHECK (wallet_open >= 0);
-- by which they were granted, so by which they are charged, whatever was bought since
ALTER TABLE account ADD COLUMN wallet_open_tariff INTEGER REFERENCES tariff;

ALTER TABLE package ADD COLUMN kind TEXT NOT NULL DEFAULT 'bought'
	CHECK (kind IN ('bought', 'renewed', 'received', 'share', 'grace'));
-- share: the group's package that it draws from; received: the giver's; an add-on: the package that it extended
ALTER TABLE package ADD COLUMN source INTEGER REFERENCES package;
ALTER TABLE package ADD COLUMN valid_from TEXT NOT NULL DEFAULT 'purchase' CHECK (valid_from IN ('purchase', 'first_use'));
-- when the validity began, by the clock of one boot; until a date is known
ALTER TABLE package ADD COLUMN since_boot_ms INTEGER;
ALTER TABLE package ADD COLUMN since_boot TEXT;
ALTER TABLE package ADD COLUMN grace_unit TEXT REFERENCES unit;
ALTER TABLE package ADD COLUMN grace_amount INTEGER CHECK (grace_amount > 0);
ALTER TABLE package ADD COLUMN up_bytes_per_second INTEGER CHECK (up_bytes_per_second > 0);
ALTER TABLE package ADD COLUMN down_bytes_per_second INTEGER CHECK (down_bytes_per_second > 0);
ALTER TABLE package ADD COLUMN stations_max INTEGER CHECK (stations_max > 0);
ALTER TABLE package ADD COLUMN tariff INTEGER REFERENCES tariff;
ALTER TABLE package ADD COLUMN renew_every_seconds INTEGER CHECK (renew_every_seconds > 0);
ALTER TABLE package ADD COLUMN add_on INTEGER NOT NULL DEFAULT 0 CHECK (add_on IN (0, 1));
CREATE UNIQUE INDEX package_share ON package (source, account) WHERE kind = 'share';

-- What comes back to a balance that was spent brings it back to life.
CREATE TRIGGER balance_is_refilled AFTER UPDATE OF credits_posted ON balance
WHEN NEW.live = 0 AND NEW.credits_posted > NEW.debits_posted AND NEW.account IS NOT NULL
BEGIN UPDATE balance SET live = 1 WHERE number = NEW.number; END;

-- The items of a session's record: what paid for which part of its use.
CREATE TABLE item (
	session INTEGER NOT NULL REFERENCES session,
	unit TEXT NOT NULL REFERENCES unit,
	reason TEXT NOT NULL REFERENCES reason,
	source INTEGER NOT NULL DEFAULT 0, -- used: the package's balance; rated: the tariff
	amount INTEGER NOT NULL CHECK (amount > 0),
	cost INTEGER NOT NULL DEFAULT 0 CHECK (cost >= 0), -- of a rated item, in micro
	PRIMARY KEY (session, unit, reason, source)
) STRICT, WITHOUT ROWID;
INSERT INTO item (session, unit, reason, amount)
	SELECT session, 'byte', 'earlier', sum(up_bytes + down_bytes) FROM meter GROUP BY session HAVING sum(up_bytes + down_bytes) > 0
	UNION ALL SELECT session, 'second', 'earlier', sum(seconds) FROM meter GROUP BY session HAVING sum(seconds) > 0;

-- A package that is bought anew each cycle.
CREATE TABLE renewal (
	id TEXT PRIMARY KEY, -- of the package of the first cycle
	account INTEGER NOT NULL REFERENCES account,
	package INTEGER NOT NULL REFERENCES package, -- of the present cycle; its expiry is the cycle's end
	cycle INTEGER NOT NULL DEFAULT 1 CHECK (cycle > 0),
	active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX renewal_active ON renewal (account) WHERE active = 1;

-- What a member may draw from its group in a cycle, per unit.
CREATE TABLE member (
	account INTEGER NOT NULL REFERENCES account,
	in_group INTEGER NOT NULL REFERENCES account,
	unit TEXT NOT NULL REFERENCES unit,
	allowance INTEGER CHECK (allowance >= 0), -- null: as much as there is
	drawn INTEGER NOT NULL DEFAULT 0 CHECK (drawn >= 0),
	PRIMARY KEY (account, in_group, unit),
	CHECK (account <> in_group)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_group ON member (in_group);

CREATE TABLE alert (
	account INTEGER NOT NULL REFERENCES account,
	id TEXT NOT NULL,
	unit TEXT NOT NULL REFERENCES unit,
	remaining INTEGER CHECK (remaining >= 0),
	used_percent INTEGER CHECK (used_percent BETWEEN 1 AND 100),
	state TEXT NOT NULL DEFAULT 'armed' CHECK (state IN ('armed', 'raised', 'seen')),
	raised_wall_ms INTEGER,
	PRIMARY KEY (account, id),
	CHECK ((remaining IS NULL) <> (used_percent IS NULL)),
	CHECK ((state = 'armed') = (raised_wall_ms IS NULL))
) STRICT, WITHOUT ROWID;

-- A giver's permission: whoever knows the code may take the amount, once. Only the code's hash is kept.
CREATE TABLE permission (
	code_hash TEXT PRIMARY KEY,
	giver INTEGER NOT NULL REFERENCES account,
	taker INTEGER REFERENCES account, -- null: whoever shares a group with the giver
	unit TEXT NOT NULL REFERENCES unit,
	amount INTEGER NOT NULL CHECK (amount > 0),
	expires_wall_ms INTEGER,
	used_by TEXT, -- the id of the transfer
	created_wall_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
