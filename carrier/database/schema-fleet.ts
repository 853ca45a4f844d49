import { partitions } from './schema-partitions.ts';

/** What belongs to an access point. On a distributed PostgreSQL these tables are distributed by `ap`. */
export const SCHEMA_FLEET = `
CREATE TABLE access_point (
	ap TEXT PRIMARY KEY CHECK (ap ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
	title TEXT NOT NULL,
	state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'blocked')),
	added_at BIGINT NOT NULL,
	down_sequence BIGINT NOT NULL DEFAULT 0,
	online BOOLEAN NOT NULL DEFAULT false,
	software_version TEXT NOT NULL DEFAULT '',
	policy_version BIGINT NOT NULL DEFAULT 0,
	sessions INTEGER NOT NULL DEFAULT 0,
	clock_skew_ms BIGINT NOT NULL DEFAULT 0,
	seen_at BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE usage_stream (
	ap TEXT NOT NULL,
	stream TEXT NOT NULL,
	committed BIGINT NOT NULL DEFAULT 0,
	first_at BIGINT NOT NULL,
	last_at BIGINT NOT NULL,
	gap_since BIGINT,
	PRIMARY KEY (ap, stream)
);
CREATE INDEX usage_stream_gap ON usage_stream (gap_since) WHERE gap_since IS NOT NULL;
CREATE TABLE usage_batch (
	ap TEXT NOT NULL,
	stream TEXT NOT NULL,
	sequence BIGINT NOT NULL CHECK (sequence > 0),
	digest TEXT NOT NULL,
	records INTEGER NOT NULL,
	received_at BIGINT NOT NULL,
	PRIMARY KEY (ap, stream, sequence)
) PARTITION BY HASH (ap);
CREATE TABLE usage_gap (
	ap TEXT NOT NULL,
	stream TEXT NOT NULL,
	first BIGINT NOT NULL,
	last BIGINT NOT NULL,
	found_at BIGINT NOT NULL,
	PRIMARY KEY (ap, stream, first)
);
CREATE TABLE usage_conflict (
	ap TEXT NOT NULL,
	stream TEXT NOT NULL,
	sequence BIGINT NOT NULL,
	digest TEXT NOT NULL,
	found_at BIGINT NOT NULL,
	records JSONB NOT NULL,
	PRIMARY KEY (ap, stream, sequence, digest)
);
CREATE TABLE access_point_usage (
	ap TEXT NOT NULL,
	hour BIGINT NOT NULL,
	class TEXT NOT NULL,
	unit TEXT NOT NULL,
	amount BIGINT NOT NULL,
	up_bytes BIGINT NOT NULL,
	down_bytes BIGINT NOT NULL,
	PRIMARY KEY (ap, hour, class, unit)
);
CREATE TABLE event (
	ap TEXT NOT NULL,
	id TEXT NOT NULL,
	kind TEXT NOT NULL,
	account TEXT,
	at BIGINT NOT NULL,
	received_at BIGINT NOT NULL,
	details JSONB NOT NULL,
	PRIMARY KEY (ap, id)
);
CREATE INDEX event_time ON event (received_at DESC);
CREATE TABLE down_message (
	ap TEXT NOT NULL,
	id TEXT NOT NULL,
	kind TEXT NOT NULL,
	sequence BIGINT NOT NULL,
	body JSONB NOT NULL,
	issued_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	send_at BIGINT,
	attempts INTEGER NOT NULL DEFAULT 0,
	answered_at BIGINT,
	outcome TEXT,
	code TEXT,
	message TEXT,
	PRIMARY KEY (ap, id)
);
CREATE INDEX down_message_due ON down_message (send_at) WHERE send_at IS NOT NULL;
CREATE INDEX down_message_open ON down_message (ap) WHERE answered_at IS NULL;
CREATE TABLE policy (
	audience TEXT NOT NULL,
	version BIGINT NOT NULL,
	body JSONB NOT NULL,
	published_at BIGINT NOT NULL,
	published_by TEXT NOT NULL,
	PRIMARY KEY (audience, version)
);
CREATE TABLE policy_reply (
	ap TEXT NOT NULL,
	audience TEXT NOT NULL,
	version BIGINT NOT NULL,
	outcome TEXT NOT NULL,
	message TEXT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (ap, audience, version)
);
${partitions('usage_batch')}
`;
