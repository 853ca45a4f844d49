import { partitions } from './schema-partitions.ts';

/**
 * What was bought by a plan, with its terms. What is available of an account and in none of its packages is credit without terms.
 * A slice is cut from one package, and what comes back of it goes there; the account's books are those of all its packages together.
 */
export const SCHEMA_PACKAGES = `
CREATE TABLE package (
	account TEXT NOT NULL,
	package TEXT NOT NULL,
	plan TEXT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0),
	available BIGINT NOT NULL CHECK (available >= 0),
	up_bytes_per_second BIGINT CHECK (up_bytes_per_second > 0),
	down_bytes_per_second BIGINT CHECK (down_bytes_per_second > 0),
	valid_for_seconds BIGINT CHECK (valid_for_seconds > 0),
	expires_at BIGINT,
	bought_at BIGINT NOT NULL,
	CONSTRAINT package_bounded CHECK (available <= amount),
	PRIMARY KEY (account, package)
) PARTITION BY HASH (account);
CREATE INDEX package_expiry ON package (expires_at) WHERE available > 0;
${partitions('package')}
ALTER TABLE slice ADD COLUMN package TEXT;
ALTER TABLE slice ADD COLUMN valid_for_seconds BIGINT;
ALTER TABLE voucher ADD COLUMN terms JSONB;
`;
