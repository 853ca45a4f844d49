import { AMOUNT_MAX } from '../core/units.ts';

/** Vouchers, card sets, gifts, and devices that were handed over. Never edited once released. */
export const SCHEMA_CODES = `
INSERT INTO reason VALUES ('gift_given'), ('gift_claimed'), ('gift_returned');
-- What was given and not yet claimed.
INSERT INTO balance (unit, house) SELECT name, 'gifts' FROM unit;

-- Which key the codes were hashed with.
CREATE TABLE code_key (
	only INTEGER PRIMARY KEY CHECK (only = 1),
	fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 8)
) STRICT;

CREATE TABLE voucher_batch (
	number INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	terms TEXT NOT NULL CHECK (json_valid(terms)), -- what is sold, as it was when the cards were printed
	count INTEGER NOT NULL CHECK (count BETWEEN 1 AND 10000),
	devices INTEGER NOT NULL CHECK (devices BETWEEN 1 AND 1000), -- stations that one code opens the network for
	valid_until_wall_ms INTEGER,
	account INTEGER UNIQUE REFERENCES account, -- of a set: its cards share it, and its terms are credited once
	created_wall_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE voucher (
	number INTEGER PRIMARY KEY,
	batch INTEGER NOT NULL REFERENCES voucher_batch,
	serial INTEGER NOT NULL CHECK (serial >= 1),
	control INTEGER NOT NULL DEFAULT 0 CHECK (control IN (0, 1)), -- of a set: may recharge it and block its cards
	account INTEGER REFERENCES account, -- what it was redeemed into
	opens INTEGER CHECK (opens IN (0, 1)), -- 1: whoever has the code has the account
	redeemed_wall_ms INTEGER,
	revoked_wall_ms INTEGER, -- of a card of a set: blocked, and perhaps not for ever
	UNIQUE (batch, serial),
	CHECK ((account IS NULL) = (redeemed_wall_ms IS NULL) AND (account IS NULL) = (opens IS NULL))
) STRICT;
CREATE INDEX voucher_account ON voucher (account) WHERE account IS NOT NULL;
CREATE TRIGGER voucher_is_redeemed_once BEFORE UPDATE ON voucher
WHEN OLD.account IS NOT NULL AND (NEW.account IS NOT OLD.account OR NEW.redeemed_wall_ms IS NOT OLD.redeemed_wall_ms)
BEGIN SELECT RAISE(ABORT, 'a voucher is redeemed once'); END;
CREATE TRIGGER voucher_is_never_deleted BEFORE DELETE ON voucher
BEGIN SELECT RAISE(ABORT, 'vouchers are never deleted'); END;

CREATE TABLE gift (
	number INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	giver INTEGER NOT NULL REFERENCES account,
	unit TEXT NOT NULL REFERENCES unit,
	amount INTEGER NOT NULL CHECK (amount BETWEEN 1 AND ${AMOUNT_MAX}),
	given_wall_ms INTEGER NOT NULL,
	valid_until_wall_ms INTEGER, -- null: for ever, or given while the clock was not set
	state TEXT NOT NULL DEFAULT 'offered' CHECK (state IN ('offered', 'claimed', 'returned')),
	receiver INTEGER REFERENCES account,
	opens INTEGER CHECK (opens IN (0, 1)),
	ended_wall_ms INTEGER,
	CHECK ((state = 'offered') = (ended_wall_ms IS NULL)),
	CHECK ((state = 'claimed') = (receiver IS NOT NULL) AND (receiver IS NULL) = (opens IS NULL))
) STRICT;
CREATE INDEX gift_offered ON gift (valid_until_wall_ms) WHERE state = 'offered';
CREATE INDEX gift_giver ON gift (giver);
CREATE TRIGGER gift_ends_once BEFORE UPDATE ON gift WHEN OLD.state <> 'offered'
BEGIN SELECT RAISE(ABORT, 'a gift ends once'); END;
CREATE TRIGGER gift_is_never_deleted BEFORE DELETE ON gift
BEGIN SELECT RAISE(ABORT, 'gifts are never deleted'); END;

-- One for each package that the gift was taken from: what is received has the validity of what was given.
CREATE TABLE gift_part (
	gift INTEGER NOT NULL REFERENCES gift,
	part INTEGER NOT NULL,
	source INTEGER NOT NULL REFERENCES package,
	amount INTEGER NOT NULL CHECK (amount BETWEEN 1 AND ${AMOUNT_MAX}),
	given INTEGER NOT NULL UNIQUE REFERENCES transfer,
	ended INTEGER UNIQUE REFERENCES transfer,
	PRIMARY KEY (gift, part)
) STRICT, WITHOUT ROWID;

-- Every code that was ever made, of whatever kind, so that no two are the same.
CREATE TABLE code (
	hash BLOB PRIMARY KEY CHECK (length(hash) = 16),
	voucher INTEGER REFERENCES voucher,
	gift INTEGER REFERENCES gift,
	CHECK ((voucher IS NULL) <> (gift IS NULL))
) STRICT, WITHOUT ROWID;

-- Which card of a set a station came with last.
CREATE TABLE card_station (
	mac TEXT PRIMARY KEY,
	voucher INTEGER NOT NULL REFERENCES voucher
) STRICT, WITHOUT ROWID;
CREATE INDEX card_station_voucher ON card_station (voucher);

-- Devices that went from one account to another by hand, or joined one by pairing.
CREATE TABLE handover (
	number INTEGER PRIMARY KEY,
	mac TEXT NOT NULL,
	giver INTEGER REFERENCES account,
	receiver INTEGER NOT NULL REFERENCES account,
	how TEXT NOT NULL CHECK (how IN ('operator', 'pairing')),
	wall_ms INTEGER NOT NULL
) STRICT;
`;
