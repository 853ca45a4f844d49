import { AMOUNT_MAX } from '../core/units.ts';

/** "Octr": tells our database from another program's (sqlite.org/pragma.html#pragma_application_id). */
export const APPLICATION_ID = 0x4f637472;

/** Balances of the house, per unit: where sold credit comes from, where used credit goes, and so on. */
const HOUSES_V1 = ['issued', 'served', 'unpaid', 'expired'] as const;
/**
 * `gifts`: what was given by code and not yet claimed. `rated`: what was paid in another unit. `transit`: between two accounts, empty
 * outside of a transaction.
 */
export type House = (typeof HOUSES_V1)[number] | 'gifts' | 'rated' | 'sold' | 'transit';

/**
 * Version 1, as released: never edited afterwards, only followed by migrations.
 *
 * Rows are referred to by small numbers, because every commit is written to flash twice (log and file).
 * Units and reasons are tables rather than CHECKs, so that a new one (money, a gift) is a row and not a rebuilt table.
 */
export const SCHEMA_V1 = `
CREATE TABLE unit (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO unit VALUES ('byte'), ('second');

CREATE TABLE reason (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO reason VALUES ('topup'), ('grant'), ('used'), ('released'), ('included'), ('throttled'), ('overrun'), ('expired'), ('lost_customer'), ('lost_venue');

CREATE TABLE epoch (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE account (
	number INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 64),
	blocked INTEGER NOT NULL DEFAULT 0 CHECK (blocked IN (0, 1)),
	at_end TEXT NOT NULL CHECK (at_end IN ('block', 'throttle')),
	throttle_bytes_per_second INTEGER CHECK (throttle_bytes_per_second > 0),
	created_wall_ms INTEGER NOT NULL,
	last_package INTEGER REFERENCES package, -- the most recently spent one: it decides what happens at the end
	last_transfer INTEGER REFERENCES transfer, -- newest link of the account's chain of transfers
	CHECK ((at_end = 'throttle') = (throttle_bytes_per_second IS NOT NULL))
) STRICT;

CREATE TABLE balance (
	number INTEGER PRIMARY KEY,
	unit TEXT NOT NULL REFERENCES unit,
	account INTEGER REFERENCES account,
	house TEXT,
	debits_posted INTEGER NOT NULL DEFAULT 0 CHECK (debits_posted >= 0),
	credits_posted INTEGER NOT NULL DEFAULT 0 CHECK (credits_posted >= 0),
	debits_pending INTEGER NOT NULL DEFAULT 0 CHECK (debits_pending >= 0),
	credits_pending INTEGER NOT NULL DEFAULT 0 CHECK (credits_pending >= 0),
	open_grant INTEGER REFERENCES transfer, -- its one pending transfer that is not yet resolved
	live INTEGER NOT NULL DEFAULT 1 CHECK (live IN (0, 1)), -- 0: all of it was spent; out of the way of every settle
	CHECK ((account IS NULL) <> (house IS NULL)),
	CONSTRAINT no_negative_balance CHECK (account IS NULL OR debits_posted + debits_pending <= credits_posted)
) STRICT;
CREATE UNIQUE INDEX balance_house ON balance (house, unit) WHERE house IS NOT NULL;
CREATE INDEX balance_live ON balance (account) WHERE live = 1 AND account IS NOT NULL;

CREATE TABLE package (
	balance INTEGER PRIMARY KEY REFERENCES balance,
	id TEXT NOT NULL UNIQUE, -- also the id of the transfer that bought it
	account INTEGER NOT NULL REFERENCES account,
	plan_name TEXT NOT NULL,
	amount INTEGER NOT NULL CHECK (amount BETWEEN 1 AND ${AMOUNT_MAX}),
	valid_for_seconds INTEGER CHECK (valid_for_seconds > 0),
	expires_at_wall_ms INTEGER, -- null with a validity: bought while the clock was not set
	at_end TEXT NOT NULL CHECK (at_end IN ('block', 'throttle')),
	throttle_bytes_per_second INTEGER CHECK (throttle_bytes_per_second > 0),
	bought_wall_ms INTEGER NOT NULL,
	CHECK ((at_end = 'throttle') = (throttle_bytes_per_second IS NOT NULL))
) STRICT;

CREATE TABLE session (
	number INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	account INTEGER NOT NULL REFERENCES account,
	mac TEXT NOT NULL,
	opened_wall_ms INTEGER NOT NULL,
	opened_boot_ms INTEGER NOT NULL,
	closed_wall_ms INTEGER,
	closed_boot_ms INTEGER,
	close_reason TEXT,
	CHECK ((closed_wall_ms IS NULL) = (close_reason IS NULL))
) STRICT;
CREATE INDEX session_account ON session (account);

-- One per session and traffic class. Checkpoints are what the kernel's counters showed when they were last charged.
CREATE TABLE meter (
	number INTEGER PRIMARY KEY,
	session INTEGER NOT NULL REFERENCES session,
	class TEXT NOT NULL DEFAULT 'own',
	id INTEGER NOT NULL CHECK (id BETWEEN 1 AND 65535),
	epoch INTEGER NOT NULL REFERENCES epoch,
	open INTEGER NOT NULL DEFAULT 1 CHECK (open IN (0, 1)),
	up_bytes INTEGER NOT NULL DEFAULT 0 CHECK (up_bytes >= 0),
	down_bytes INTEGER NOT NULL DEFAULT 0 CHECK (down_bytes >= 0),
	seconds INTEGER NOT NULL DEFAULT 0 CHECK (seconds >= 0),
	up_checkpoint INTEGER DEFAULT 0,
	down_checkpoint INTEGER DEFAULT 0,
	seconds_checkpoint INTEGER DEFAULT 0,
	UNIQUE (session, class),
	CHECK ((open = 1) = (up_checkpoint IS NOT NULL AND down_checkpoint IS NOT NULL AND seconds_checkpoint IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX meter_open ON meter (id) WHERE open = 1;

CREATE TABLE transfer (
	sequence INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	kind TEXT NOT NULL CHECK (kind IN ('transfer', 'pending', 'post', 'void')),
	reason TEXT NOT NULL REFERENCES reason,
	unit TEXT NOT NULL REFERENCES unit,
	debit INTEGER NOT NULL REFERENCES balance,
	credit INTEGER NOT NULL REFERENCES balance,
	amount INTEGER NOT NULL CHECK (amount BETWEEN 1 AND ${AMOUNT_MAX}),
	pending INTEGER REFERENCES transfer, -- what a post or void resolves
	account INTEGER NOT NULL REFERENCES account,
	previous INTEGER, -- the account's transfer before this one: history needs no index that every commit would write
	session INTEGER REFERENCES session,
	epoch INTEGER REFERENCES epoch,
	wall_ms INTEGER NOT NULL,
	boot_ms INTEGER NOT NULL,
	CHECK (debit <> credit),
	CHECK (previous < sequence),
	CHECK ((kind IN ('post', 'void')) = (pending IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX transfer_resolves ON transfer (pending) WHERE pending IS NOT NULL;

CREATE TRIGGER transfer_is_never_changed BEFORE UPDATE ON transfer
BEGIN SELECT RAISE(ABORT, 'transfers are never changed'); END;
CREATE TRIGGER transfer_is_never_deleted BEFORE DELETE ON transfer
BEGIN SELECT RAISE(ABORT, 'transfers are never deleted'); END;

CREATE TRIGGER transfer_fits_its_balances BEFORE INSERT ON transfer BEGIN
	SELECT CASE
		WHEN d.unit <> NEW.unit OR c.unit <> NEW.unit OR d.account <> NEW.account OR c.account <> NEW.account
			THEN RAISE(ABORT, 'transfer between units or accounts')
		WHEN NEW.pending IS NOT NULL THEN CASE
			WHEN d.open_grant IS NOT NEW.pending THEN RAISE(ABORT, 'does not resolve the open grant of this balance')
			WHEN NEW.amount > d.debits_pending THEN RAISE(ABORT, 'posts more than the grant reserves')
			WHEN NEW.kind = 'void' AND NEW.amount < d.debits_pending THEN RAISE(ABORT, 'a void releases the whole grant') END
		WHEN NEW.kind = 'pending' AND d.open_grant IS NOT NULL THEN RAISE(ABORT, 'a grant is open already')
		WHEN d.account IS NOT NULL AND d.credits_posted - d.debits_posted - d.debits_pending < NEW.amount
			THEN RAISE(ABORT, 'balance too low') END
	FROM balance AS d, balance AS c WHERE d.number = NEW.debit AND c.number = NEW.credit;
END;

-- The cached sums follow from the row itself, whoever inserts it.
CREATE TRIGGER transfer_posts AFTER INSERT ON transfer WHEN NEW.kind = 'transfer' BEGIN
	UPDATE balance SET debits_posted = debits_posted + NEW.amount WHERE number = NEW.debit;
	UPDATE balance SET credits_posted = credits_posted + NEW.amount WHERE number = NEW.credit;
END;
CREATE TRIGGER transfer_reserves AFTER INSERT ON transfer WHEN NEW.kind = 'pending' BEGIN
	UPDATE balance SET debits_pending = debits_pending + NEW.amount, open_grant = NEW.sequence WHERE number = NEW.debit;
	UPDATE balance SET credits_pending = credits_pending + NEW.amount WHERE number = NEW.credit;
END;
CREATE TRIGGER transfer_posts_grant AFTER INSERT ON transfer WHEN NEW.kind = 'post' BEGIN
	UPDATE balance SET debits_posted = debits_posted + NEW.amount, open_grant = NULL,
		debits_pending = debits_pending - (SELECT amount FROM transfer WHERE sequence = NEW.pending)
	WHERE number = NEW.debit;
	UPDATE balance SET credits_posted = credits_posted + NEW.amount,
		credits_pending = credits_pending - (SELECT amount FROM transfer WHERE sequence = NEW.pending)
	WHERE number = NEW.credit;
END;
CREATE TRIGGER transfer_voids_grant AFTER INSERT ON transfer WHEN NEW.kind = 'void' BEGIN
	UPDATE balance SET debits_pending = debits_pending - NEW.amount, open_grant = NULL WHERE number = NEW.debit;
	UPDATE balance SET credits_pending = credits_pending - NEW.amount WHERE number = NEW.credit;
END;
-- Apart, because naming "live" in the updates above would rewrite its index each time.
CREATE TRIGGER balance_is_spent AFTER UPDATE OF debits_posted ON balance
WHEN NEW.debits_posted = NEW.credits_posted AND NEW.account IS NOT NULL
BEGIN UPDATE balance SET live = 0 WHERE number = NEW.number; END;

INSERT INTO balance (unit, house) VALUES ${['byte', 'second']
	.flatMap((unit) => HOUSES_V1.map((house) => `('${unit}', '${house}')`))
	.join(', ')};
`;

/** Version 2: zero-rated bytes are recorded. */
export const SCHEMA_V2 = `INSERT INTO reason VALUES ('zero_rated');`;
