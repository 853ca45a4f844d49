import { partitions } from './schema-partitions.ts';

/**
 * What belongs to an account: all of it has the account in its key, so that one account is in one partition, and on a
 * distributed PostgreSQL on one node. A slice of a shared allowance belongs to the account that pays (`account`).
 *
 * The books of one account and unit: `issued` (where money comes from; negative), `available`, `slices` (out on access points),
 * `spent`, `lapsed` (expired by a reset). A balance changes only through a transfer: the trigger sees to it.
 */
export const SCHEMA_ACCOUNTS = `
CREATE TABLE account (
	account TEXT NOT NULL CHECK (account ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
	title TEXT NOT NULL,
	state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'blocked')),
	pool TEXT CHECK (pool <> account),
	credit_out BOOLEAN NOT NULL DEFAULT true,
	credit_changes BIGINT NOT NULL DEFAULT 0,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (account)
) PARTITION BY HASH (account);
CREATE TABLE balance (
	account TEXT NOT NULL,
	unit TEXT NOT NULL CHECK (unit IN ('byte', 'second', 'micro')),
	book TEXT NOT NULL CHECK (book IN ('issued', 'available', 'slices', 'spent', 'lapsed')),
	amount BIGINT NOT NULL,
	PRIMARY KEY (account, unit, book),
	CONSTRAINT never_below_zero CHECK (book = 'issued' OR amount >= 0)
) PARTITION BY HASH (account);
CREATE TABLE transfer (
	account TEXT NOT NULL,
	id TEXT NOT NULL,
	unit TEXT NOT NULL,
	from_book TEXT NOT NULL,
	to_book TEXT NOT NULL CHECK (to_book <> from_book),
	amount BIGINT NOT NULL CHECK (amount > 0),
	kind TEXT NOT NULL,
	about JSONB NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (account, id)
) PARTITION BY HASH (account);
CREATE TABLE slice (
	account TEXT NOT NULL,
	slice TEXT NOT NULL,
	member TEXT NOT NULL,
	ap TEXT NOT NULL,
	unit TEXT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0),
	used BIGINT NOT NULL DEFAULT 0 CHECK (used >= 0),
	returned BIGINT NOT NULL DEFAULT 0 CHECK (returned >= 0),
	state TEXT NOT NULL DEFAULT 'given' CHECK (state IN ('given', 'revoking', 'silent', 'released', 'closed')),
	given_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	CONSTRAINT slice_bounded CHECK (used + returned <= amount),
	PRIMARY KEY (account, slice)
) PARTITION BY HASH (account);
CREATE INDEX slice_name ON slice (slice);
CREATE INDEX slice_open ON slice (account, member) WHERE state IN ('given', 'revoking', 'silent');
CREATE INDEX slice_expiry ON slice (expires_at) WHERE state IN ('given', 'revoking');
CREATE INDEX slice_access_point ON slice (ap) WHERE state IN ('given', 'revoking', 'silent');
CREATE TABLE slice_wait (
	account TEXT NOT NULL,
	member TEXT NOT NULL,
	ap TEXT NOT NULL,
	request TEXT NOT NULL,
	wants BIGINT NOT NULL,
	since BIGINT NOT NULL,
	PRIMARY KEY (account, member, ap)
);
CREATE TABLE usage_record (
	account TEXT NOT NULL,
	ap TEXT NOT NULL,
	id TEXT NOT NULL,
	session TEXT NOT NULL,
	class TEXT NOT NULL,
	unit TEXT NOT NULL,
	amount BIGINT NOT NULL,
	up_bytes BIGINT NOT NULL,
	down_bytes BIGINT NOT NULL,
	paid BOOLEAN NOT NULL,
	slice TEXT,
	uplink TEXT,
	from_at BIGINT NOT NULL,
	to_at BIGINT NOT NULL,
	received_at BIGINT NOT NULL,
	tariff TEXT,
	price_micro BIGINT,
	route TEXT,
	PRIMARY KEY (account, ap, id)
) PARTITION BY HASH (account);
CREATE TABLE account_usage (
	account TEXT NOT NULL,
	hour BIGINT NOT NULL,
	class TEXT NOT NULL,
	unit TEXT NOT NULL,
	amount BIGINT NOT NULL,
	up_bytes BIGINT NOT NULL,
	down_bytes BIGINT NOT NULL,
	price_micro BIGINT NOT NULL,
	PRIMARY KEY (account, hour, class, unit)
) PARTITION BY HASH (account);
CREATE TABLE allowance (
	account TEXT PRIMARY KEY,
	total BIGINT NOT NULL CHECK (total > 0),
	restrict_below BIGINT NOT NULL DEFAULT 0 CHECK (restrict_below >= 0),
	restriction JSONB NOT NULL,
	is_restricted BOOLEAN NOT NULL DEFAULT false,
	reset_every TEXT NOT NULL CHECK (reset_every IN ('never', 'day', 'week', 'month')),
	reset_count BIGINT NOT NULL DEFAULT 0,
	next_reset_at BIGINT
);
CREATE TABLE member (
	account TEXT NOT NULL,
	member TEXT NOT NULL,
	weight INTEGER NOT NULL CHECK (weight BETWEEN 1 AND 1000),
	used BIGINT NOT NULL DEFAULT 0 CHECK (used >= 0),
	PRIMARY KEY (account, member)
);
${['account', 'balance', 'transfer', 'slice', 'usage_record', 'account_usage'].map(partitions).join('\n')}
CREATE FUNCTION transfer_moves() RETURNS trigger LANGUAGE plpgsql AS $body$
	BEGIN
		INSERT INTO balance (account, unit, book, amount)
			SELECT DISTINCT account, unit, book, 0
			FROM (SELECT account, unit, from_book AS book FROM added UNION ALL SELECT account, unit, to_book FROM added) AS touched
			ORDER BY account, unit, book
			ON CONFLICT (account, unit, book) DO NOTHING;
		UPDATE balance SET amount = balance.amount + moved.amount
			FROM (
				SELECT account, unit, book, sum(amount)::bigint AS amount
				FROM (
					SELECT account, unit, from_book AS book, -amount AS amount FROM added
					UNION ALL SELECT account, unit, to_book, amount FROM added
				) AS sides
				GROUP BY account, unit, book
			) AS moved
			WHERE balance.account = moved.account AND balance.unit = moved.unit AND balance.book = moved.book;
		RETURN NULL;
	END;
	$body$;
CREATE TRIGGER transfer_added AFTER INSERT ON transfer REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION transfer_moves();
CREATE FUNCTION transfer_stays() RETURNS trigger LANGUAGE plpgsql AS $body$
	BEGIN
		RAISE EXCEPTION 'a transfer is never changed or removed';
	END;
	$body$;
CREATE TRIGGER transfer_immutable BEFORE UPDATE OR DELETE ON transfer
	FOR EACH ROW EXECUTE FUNCTION transfer_stays();
CREATE TRIGGER transfer_not_emptied BEFORE TRUNCATE ON transfer
	FOR EACH STATEMENT EXECUTE FUNCTION transfer_stays();
`;
