/**
 * What is on its way to the carrier, and what came from it. Never edited once released.
 *
 * A charge writes nothing twice: `item` has what each session used, `reported` what of it is in batches. The difference is the
 * outbox. It grows with sessions, never with time.
 */
export const SCHEMA_CARRIER = `
INSERT INTO reason VALUES ('slice_returned');

-- One row, once a carrier was configured.
CREATE TABLE outbox (
	only INTEGER PRIMARY KEY CHECK (only = 1),
	stream TEXT NOT NULL, -- this life of the outbox
	sealed INTEGER NOT NULL DEFAULT 0 CHECK (sealed >= 0), -- the newest batch
	acknowledged INTEGER NOT NULL DEFAULT 0 CHECK (acknowledged BETWEEN 0 AND sealed),
	digest TEXT, -- of the newest batch
	inbox_floor INTEGER NOT NULL DEFAULT 0, -- nothing of this sequence or before is done any more, unless the inbox has it
	events_dropped INTEGER NOT NULL DEFAULT 0,
	CHECK ((sealed = 0) = (digest IS NULL))
) STRICT;

-- Sessions that used something since their last batch.
CREATE TABLE unreported (session INTEGER PRIMARY KEY REFERENCES session) STRICT;

-- What of an item is in batches; of closed sessions that are reported whole, nothing is kept.
CREATE TABLE reported (
	session INTEGER NOT NULL REFERENCES session,
	unit TEXT NOT NULL REFERENCES unit,
	reason TEXT NOT NULL REFERENCES reason,
	source INTEGER NOT NULL,
	amount INTEGER NOT NULL CHECK (amount > 0),
	own_up INTEGER NOT NULL CHECK (own_up BETWEEN 0 AND amount), -- of the rest of its bytes
	tethered INTEGER NOT NULL CHECK (tethered BETWEEN 0 AND amount), -- the part of it that was tethered
	tethered_up INTEGER NOT NULL CHECK (tethered_up BETWEEN 0 AND tethered),
	to_wall_ms INTEGER NOT NULL,
	PRIMARY KEY (session, unit, reason, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
	number INTEGER PRIMARY KEY AUTOINCREMENT,
	id TEXT NOT NULL UNIQUE,
	kind TEXT NOT NULL,
	account TEXT,
	session TEXT,
	station TEXT,
	details TEXT NOT NULL CHECK (json_valid(details)),
	wall_ms INTEGER NOT NULL
) STRICT;

-- Published, or about to be, and not yet acknowledged by the platform.
CREATE TABLE batch (
	sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
	payload TEXT NOT NULL,
	digest TEXT NOT NULL
) STRICT;
CREATE TRIGGER batch_is_never_changed BEFORE UPDATE ON batch
BEGIN SELECT RAISE(ABORT, 'batches are never changed'); END;

-- What came from the carrier and was done: the same id gets the same reply, and nothing is done twice.
CREATE TABLE inbox (
	id TEXT PRIMARY KEY,
	sequence INTEGER NOT NULL,
	reply TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX inbox_sequence ON inbox (sequence);

-- The last good policy of each audience.
CREATE TABLE carrier_policy (
	audience TEXT PRIMARY KEY CHECK (audience IN ('own', 'all')),
	version INTEGER NOT NULL CHECK (version > 0),
	body TEXT NOT NULL CHECK (json_valid(body))
) STRICT, WITHOUT ROWID;

-- Packages that are slices of an account that lives at the platform.
CREATE TABLE slice (balance INTEGER PRIMARY KEY REFERENCES package, account INTEGER NOT NULL REFERENCES account) STRICT;
CREATE INDEX slice_account ON slice (account);

-- The speed that a package was sold with, while it has another one by a command.
CREATE TABLE sold_pace (balance INTEGER PRIMARY KEY REFERENCES package, up INTEGER, down INTEGER) STRICT;

-- Accounts that have nothing left, and of which the carrier was told so.
CREATE TABLE out_of_credit (account TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
`;
