/**
 * Bounds on what one access point can make the platform store, and on what one receiver can make others wait.
 *
 * - `worker_group`: the secret name under which the workers share their subscription.
 * - Indices by which is counted what an access point has added within an hour or a day; the cost of counting does not grow with history.
 * - `account_usage.resident`: whether the account lived here when its usage was booked. A name that somebody reported before there was such an
 *   account is not that account's.
 * - `receiver`: whoever takes deliveries of one or more subscriptions: a host, or the broker. It has turns, and waits by itself when it fails.
 */
export const SCHEMA_BOUNDS = `
CREATE TABLE worker_group (
	single BOOLEAN PRIMARY KEY DEFAULT true CHECK (single),
	name TEXT NOT NULL
);
INSERT INTO worker_group (name) VALUES ('octroi-' || replace(gen_random_uuid()::text, '-', ''));
CREATE INDEX event_recent ON event (ap, received_at, kind);
CREATE INDEX unknown_account_recent ON unknown_account (ap, found_at);
CREATE INDEX unknown_account_name ON unknown_account (account);
CREATE INDEX usage_stream_recent ON usage_stream (ap, first_at);
CREATE INDEX usage_conflict_recent ON usage_conflict (ap, found_at);
DROP INDEX down_message_open;
CREATE INDEX down_message_open ON down_message (ap, expires_at) WHERE answered_at IS NULL;
CREATE INDEX down_message_denial ON down_message (expires_at) WHERE kind = 'grant' AND body->>'kind' = 'deny';
ALTER TABLE account_usage ADD COLUMN resident BOOLEAN NOT NULL DEFAULT true;
ALTER TABLE account_usage DROP CONSTRAINT account_usage_pkey;
ALTER TABLE account_usage ADD PRIMARY KEY (account, hour, class, unit, resident);
UPDATE account_usage SET resident = false WHERE NOT EXISTS (
	SELECT 1 FROM account a WHERE a.account = account_usage.account AND a.created_at < account_usage.hour + 3600000
);
CREATE TABLE receiver (
	name TEXT PRIMARY KEY,
	failures INTEGER NOT NULL DEFAULT 0,
	retry_at BIGINT NOT NULL DEFAULT 0,
	served_at BIGINT NOT NULL DEFAULT 0
);
ALTER TABLE subscription ADD COLUMN receiver TEXT NOT NULL DEFAULT '';
UPDATE subscription SET receiver = CASE target WHEN 'webhook' THEN lower(substring(address FROM '^[A-Za-z]+://[^/?#]+'))
	WHEN 'mqtt' THEN 'mqtt' ELSE '' END;
INSERT INTO receiver (name) SELECT DISTINCT receiver FROM subscription WHERE target <> 'pull';
DROP INDEX delivery_due;
CREATE INDEX delivery_due ON delivery (subscription, due_at) WHERE due_at IS NOT NULL;
`;
