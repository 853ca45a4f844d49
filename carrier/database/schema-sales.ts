import { partitions } from './schema-partitions.ts';

/** What is sold, how usage is rated, and who is told. */
export const SCHEMA_SALES = `
CREATE TABLE plan (
	name TEXT PRIMARY KEY,
	body JSONB NOT NULL,
	changed_at BIGINT NOT NULL
);
CREATE TABLE rate (
	name TEXT PRIMARY KEY,
	body JSONB NOT NULL,
	changed_at BIGINT NOT NULL
);
CREATE TABLE voucher (
	code_hash TEXT PRIMARY KEY,
	batch TEXT NOT NULL,
	number INTEGER NOT NULL,
	unit TEXT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0),
	plan TEXT,
	made_at BIGINT NOT NULL,
	expires_at BIGINT,
	state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'redeemed', 'revoked')),
	account TEXT,
	redeemed_at BIGINT,
	UNIQUE (batch, number)
);
CREATE TABLE subscription (
	id TEXT PRIMARY KEY,
	account TEXT,
	kinds TEXT[] NOT NULL,
	target TEXT NOT NULL CHECK (target IN ('webhook', 'mqtt', 'pull')),
	address TEXT NOT NULL,
	secret TEXT NOT NULL,
	made_at BIGINT NOT NULL
);
CREATE TABLE delivery (
	id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	subscription TEXT NOT NULL,
	name TEXT NOT NULL,
	body JSONB NOT NULL,
	made_at BIGINT NOT NULL,
	attempts INTEGER NOT NULL DEFAULT 0,
	due_at BIGINT,
	delivered_at BIGINT,
	fault TEXT,
	UNIQUE (subscription, name)
);
CREATE INDEX delivery_due ON delivery (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE unknown_account (
	ap TEXT NOT NULL,
	account TEXT NOT NULL,
	found_at BIGINT NOT NULL,
	PRIMARY KEY (ap, account)
);
CREATE TABLE routed_record (
	route TEXT NOT NULL,
	account TEXT NOT NULL,
	ap TEXT NOT NULL,
	id TEXT NOT NULL,
	position BIGINT GENERATED ALWAYS AS IDENTITY,
	PRIMARY KEY (route, account, ap, id)
) PARTITION BY HASH (account);
${partitions('routed_record')}
CREATE INDEX routed_record_position ON routed_record (route, position);
`;
