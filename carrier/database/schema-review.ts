/**
 * What access points say that cannot be booked, for a person; which access points may spend which accounts; and bounds: a balance stays
 * in what a double holds exactly.
 *
 * An account may be spent where it is bound, for ever (`until` is null) or until a moment. Accounts of older versions are bound
 * to the access points that have spent them, or hold a slice of them: its customer is there, though nothing was reported yet.
 */
export const SCHEMA_REVIEW = `
CREATE TABLE review (
	id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	ap TEXT NOT NULL,
	reason TEXT NOT NULL,
	account TEXT NOT NULL,
	slice TEXT NOT NULL,
	records BIGINT NOT NULL,
	amount BIGINT NOT NULL,
	sample TEXT NOT NULL,
	first_at BIGINT NOT NULL,
	last_at BIGINT NOT NULL,
	settled_at BIGINT,
	settled_by TEXT,
	charged BIGINT
);
CREATE UNIQUE INDEX review_open ON review (ap, reason, account, slice) WHERE settled_at IS NULL;
CREATE TABLE account_access_point (
	account TEXT NOT NULL,
	ap TEXT NOT NULL,
	made_by TEXT NOT NULL,
	made_at BIGINT NOT NULL,
	until BIGINT,
	PRIMARY KEY (account, ap)
);
CREATE TABLE slice_host (
	member TEXT NOT NULL,
	ap TEXT NOT NULL,
	first_at BIGINT NOT NULL,
	PRIMARY KEY (member, ap)
);
INSERT INTO slice_host (member, ap, first_at) SELECT member, ap, min(given_at) FROM slice GROUP BY member, ap;
INSERT INTO account_access_point (account, ap, made_by, made_at)
	SELECT member, ap, 'upgrade', max(given_at) FROM slice
	WHERE used > 0 OR state IN ('given', 'revoking', 'silent') GROUP BY member, ap;
ALTER TABLE account ADD COLUMN code_key TEXT;
ALTER TABLE slice ADD COLUMN released BIGINT NOT NULL DEFAULT 0;
ALTER TABLE slice ADD COLUMN late BIGINT NOT NULL DEFAULT 0;
UPDATE slice SET released = returned WHERE state = 'released';
ALTER TABLE slice ADD CONSTRAINT late_bounded CHECK (late <= released);
ALTER TABLE balance ADD CONSTRAINT balance_exact CHECK (amount BETWEEN -9007199254740991 AND 9007199254740991) NOT VALID;
`;
