import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { decodeText } from '../protocol/decode-text.ts';
import { CarrierError } from './carrier-error.ts';
import { parseJsonText } from './json-text.ts';
import { SLICE_POLICY } from './slice/slice-policy.ts';

/** A slice may not be smaller than what an access point asks for next, nor larger than what one ledger can hold. */
const AMOUNT = z
	.int()
	.min(1)
	.max(2 ** 50);
const PATH = z.string().min(1).max(4096);

/** The configuration file of the platform: JSON. What is absent has the default. */
export const configSchema = z.strictObject({
	version: z.literal(1).describe('of this file'),
	database: z
		.union([z.strictObject({ url: z.string().regex(/^postgres(ql)?:\/\//) }), z.strictObject({ directory: PATH })])
		.describe('`url` of a PostgreSQL server, or `directory` of the embedded PGlite: then only one process may run'),
	broker: z.strictObject({
		url: z
			.string()
			.regex(/^mqtts?:\/\/\S+$/)
			.describe('`mqtts://host:8883`; `mqtt:` only on the machine itself or in a tunnel'),
		protocol: z.enum(['3.1.1', '5']).default('5'),
		isShared: z
			.boolean()
			.default(true)
			.describe('whether it knows shared subscriptions: needed for more than one worker'),
		user: z.string().min(1).max(128).optional(),
		passwordFile: PATH.optional(),
		ca: PATH.optional().describe('authorities that its certificate may be from; absent: all public ones'),
		certificate: PATH.optional(),
		key: PATH.optional(),
	}),
	keys: PATH.describe('directory of the signing keys; whoever reads it can credit every account'),
	http: z
		.strictObject({
			host: z.string().min(1).max(253).default('127.0.0.1'),
			port: z.int().min(0).max(65_535).default(2080),
			tokens: PATH.describe(
				'file of the API tokens, as `octroi-carrier token new` writes it; looked at with each request',
			),
			trustedProxies: z
				.array(z.string().regex(/^(?:loopback|[0-9A-Fa-f.:]{2,45}(?:\/\d{1,3})?)$/))
				.max(32)
				.default(['loopback'])
				.describe(
					'addresses and networks of TLS proxies before it: what they say of the client (`x-forwarded-for`, `x-forwarded-proto`) is believed, of nobody else',
				),
			secureCookie: z
				.enum(['auto', 'always'])
				.default('auto')
				.describe(
					'`auto`: the cookie of the page is `Secure` where a trusted proxy says that the browser came by TLS. `always`: also where none says so; then nobody can sign in without TLS',
				),
		})
		.optional()
		.describe('absent: `serve` cannot be used, only `worker`'),
	webhooks: z
		.strictObject({
			privateHosts: z
				.array(z.string().regex(/^[a-z0-9.:_-]{1,253}$/))
				.max(100)
				.default([])
				.describe(
					'hosts of webhooks, as they stand in the address, that may be on this machine or in a private network',
				),
		})
		.default({ privateHosts: [] })
		.describe('who may be told things'),
	slices: z
		.strictObject({
			amountMin: AMOUNT.default(SLICE_POLICY.amountMin).describe(
				'bytes; what is left below it goes out whole. Smaller: more messages for the last of a balance',
			),
			amountMax: AMOUNT.default(SLICE_POLICY.amountMax).describe(
				'bytes; larger: fewer messages, and more that a silent access point holds back. `offline.sliceBytesMax` of a policy takes its place',
			),
			validForSeconds: z
				.int()
				.min(5)
				.max(30 * 86_400)
				.default(SLICE_POLICY.validForSeconds)
				.describe(
					'from its arrival; credit that nobody uses is held back no longer. `offline.validForSeconds` of a policy takes its place',
				),
			deliveryMs: z
				.int()
				.min(1000)
				.max(3_600_000)
				.default(SLICE_POLICY.deliveryMs)
				.describe('how long a grant may be on its way'),
			reportMs: z
				.int()
				.min(0)
				.max(86_400_000)
				.default(SLICE_POLICY.reportMs)
				.describe(
					'from the end of a slice until its access point counts as silent; shorter than it takes to report: false alarms',
				),
			silent: z
				.enum(['hold', 'release'])
				.default(SLICE_POLICY.silent)
				.describe(
					'`hold`: nobody gets it until the access point is back. `release`: the account has it back at once, and the house bears what was used all the same. `offline.silent` of a policy takes its place',
				),
			revokeAfterMs: z
				.int()
				.min(0)
				.max(86_400_000)
				.default(SLICE_POLICY.revokeAfterMs)
				.describe('a younger slice is not called back for somebody else; 0: it may go to and fro'),
			admission: z
				.enum(['bound', 'any'])
				.default(SLICE_POLICY.admission)
				.describe(
					'`bound`: a slice goes only where the account is bound (`account bind`), or with a proof of the customer. `any`: wherever an access point asks; then one that lies can take from every account',
				),
			provenForSeconds: z
				.int()
				.min(60)
				.max(366 * 86_400)
				.default(SLICE_POLICY.provenForSeconds)
				.describe('for how long a proof of the customer binds the account to the access point'),
			heldSlicesMax: z
				.int()
				.min(1)
				.max(1000)
				.default(SLICE_POLICY.heldSlicesMax)
				.describe(
					'what one access point may hold of one account, in largest slices; smaller than 2: stations pause between slices. It bounds what one that lies holds of its guest',
				),
			heldBytesMax: AMOUNT.default(SLICE_POLICY.heldBytesMax).describe(
				'what one access point may hold of all accounts together, in bytes',
			),
		})
		.refine(({ amountMin, amountMax }) => amountMin <= amountMax, 'amountMin is larger than amountMax')
		.default(SLICE_POLICY)
		.describe('how balances are shared over access points: docs/carrier-platform.md'),
	logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

export type CarrierConfig = z.infer<typeof configSchema>;

/** @throws CarrierError `config_invalid` with all faults */
export function loadConfig(path: string): CarrierConfig {
	let text: string;
	try {
		text = decodeText(readFileSync(path));
	} catch (cause) {
		throw new CarrierError('config_invalid', `${path} cannot be read: ${(cause as Error).message}`, {
			fix: 'docs/carrier-platform.md has an example',
			cause,
		});
	}
	const read = configSchema.safeParse(parseJsonText(text, path, 'config_invalid'));
	if (read.success) return read.data;
	throw new CarrierError('config_invalid', `${path} is not valid`, { faults: faultsOf(read.error) });
}

/** One sentence a fault, with its path. */
export function faultsOf(error: z.ZodError): string[] {
	return error.issues.map(({ path, message }) => `${path.length === 0 ? '(all of it)' : path.join('.')}: ${message}`);
}
