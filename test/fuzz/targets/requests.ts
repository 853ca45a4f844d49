import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cidr, parseCidr } from '../../../agent/config/cidr.ts';
import { readConfig } from '../../../agent/config/read-config.ts';
import { ERROR_CODES } from '../../../agent/core/error-codes.ts';
import { silentLog } from '../../../agent/core/log.ts';
import { AMOUNT_MAX, type BootMs } from '../../../agent/core/units.ts';
import { answerElsewhere } from '../../../agent/portal/captive-probes.ts';
import { FormToken } from '../../../agent/portal/form-token.ts';
import { deviceOf, readCredit, unitOf, wholeNumberOf } from '../../../agent/portal/form-values.ts';
import { plainAddress, targetOf, urlHost } from '../../../agent/portal/request-target.ts';
import { answerRequest } from '../../../agent/status/answer-request.ts';
import { type AgentCommands, COMMAND_SHAPES, type CommandName } from '../../../agent/status/commands.ts';
import { Tokens } from '../../../carrier/http/tokens.ts';
import { Sessions } from '../../../carrier/web/session.ts';
import { LANGUAGE_TAGS, negotiateLanguage } from '../../../ui/portal/language.ts';
import type { SeededRandom } from '../../fakes/seeded-random.ts';
import { type FuzzTarget, holds, refusing } from '../fuzz-target.ts';
import { writeOddly } from '../json-maker.ts';
import { randomMac, randomWord } from '../pieces.ts';

const NAMES = Object.keys(COMMAND_SHAPES) as CommandName[];
/** Commands that only read their arguments: what they do is tried elsewhere. */
const COMMANDS: AgentCommands = new Map(
	NAMES.map((name) => [name, { ...COMMAND_SHAPES[name], run: () => ({ done: name }) }]),
);
const ARGUMENTS = {
	device: '192.0.2.10',
	mac: '02:00:5e:10:00:01',
	account: 'room-1',
	plan: 'hour',
	amount: 1000,
	unit: 'byte',
	limit: 5,
	code: 'AB12',
	session: 's',
	batch: 'summer',
	count: 3,
	devices: 1,
	serial: 1,
	as: 'own',
	group: 'g',
	seconds: 3,
	into: 'room-2',
};

function request(random: SeededRandom): Buffer {
	const command = random.pick(NAMES);
	const known = Object.keys(COMMAND_SHAPES[command].argumentsSchema);
	const given = Object.entries(ARGUMENTS).filter(([name]) => known.includes(name) || random.chance(0.02));
	const value = { id: random.between(0, 9), command, arguments: Object.fromEntries(given) };
	return Buffer.from(writeOddly(random, value, { plan: { name: 'x', bytes: 1, atEnd: 'block' } }));
}

const MAC = '02:00:5e:10:00:01' as Parameters<FormToken['check']>[1];
const FORMS = new FormToken({
	secret: Buffer.alloc(32, 1),
	random: (count) => Buffer.alloc(count, 2),
	now: () => 0 as BootMs,
});
const SESSIONS = new Sessions(Buffer.alloc(32, 3), () => 1000);
const GRACE = { user: 'grace', mark: '0'.repeat(16) };
const TOKENS = tokensOf(`grace:${'0'.repeat(64)}\n`);

/** In a file, which the tokens are looked up in each time. */
function tokensOf(text: string): Tokens {
	const folder = mkdtempSync(join(tmpdir(), 'octroi-fuzz-'));
	const path = join(folder, 'tokens');
	writeFileSync(path, text);
	process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
	return Tokens.read(path);
}

function form(random: SeededRandom): Buffer {
	const fields = new URLSearchParams({
		code: randomWord(random, 'AB12-٣ %', 20),
		amount: randomWord(random, '0123456789.,٫०e+- ', 12),
		unit: random.pick(['byte', 'second', 'micro', '__proto__', '']),
		mac: randomMac(random),
		token: random.chance(0.8) ? FORMS.make(MAC, '/redeem') : randomWord(random, 'abc.-_é', 50),
	});
	return Buffer.from(fields.toString());
}

function head(random: SeededRandom): Buffer {
	const path = random.pick([
		'/',
		'/en/status',
		'/ar/../x',
		'//a',
		'/generate_204',
		'/redeem?code=a%00&x=%zz',
		'*',
		'/%2e%2e',
	]);
	const host = random.pick(['captive.apple.com', 'portal.home.arpa:2050', '[fe80::1]:80', 'a.b.', '', '[::']);
	const target = random.chance(0.5) ? path : `http://${host}${path}`;
	const languages = random.pick([
		'en;q=0.8,ar',
		'constructor,__proto__;q=1',
		'*;q=0',
		randomWord(random, 'en-q=;,01. ', 60),
	]);
	return Buffer.from(`${target}\n${host}\n${languages}`);
}

/** A rule's parser throws a plain error with words for people; of any other class it is a crash. */
function cidrOf(text: string, family: 4 | 6): Cidr | undefined {
	try {
		return parseCidr(text, family);
	} catch (error) {
		if ((error as Error).constructor === Error) return undefined;
		throw error;
	}
}

const CONFIG = {
	version: 1,
	devices: { metered: ['br-lan'], free: [] },
	garden: { ipv4: ['192.0.2.0/24'], ipv6: ['2001:db8::/32'], names: ['example.org'] },
	grant: { bytesMin: 1_048_576, bytesMax: 67_108_864, seconds: 20 },
	portal: { port: 2050, name: 'portal.home.arpa', languages: ['en'] },
	plans: [{ name: 'hour', title: 'An hour', seconds: 3600, atEnd: 'block' }],
	tariffs: [{ name: 'per-mb', price: 0.01, per: 'mebibyte' }],
};

/** What is asked of the agent and of the platform, by local users, guests and browsers; and files of the operator. */
export const REQUESTS: readonly FuzzTarget[] = [
	{
		name: 'status-request',
		title: 'a request on the control socket: every command, with arguments of any kind',
		make: request,
		words: ['{', '}', '[', '"', '\\u0000', ':', ',', '"arguments":', '__proto__', '1e400'],
		bytesMax: 4096,
		async check(input) {
			const answer = await answerRequest(input.toString('utf8').trim(), {
				commands: COMMANDS,
				readOnly: false,
				log: silentLog,
			});
			if (!('error' in answer)) return;
			holds(
				answer.error.code in ERROR_CODES && answer.error.code !== 'internal',
				'what is wrong has a code, and is no defect',
			);
			holds(
				JSON.stringify(answer).length < 64 * input.length + 10_000,
				'an answer is not much larger than its question',
			);
		},
	},
	{
		name: 'form',
		title: 'a form of the portal',
		make: form,
		words: ['&', '=', '%00', '%', '+', 'amount=', 'unit=micro', 'token=', '%ed%a0%80', '٫'],
		check(input) {
			const fields = new URLSearchParams(input.toString('utf8'));
			const credit = readCredit(fields);
			if (credit)
				holds(Number.isSafeInteger(credit.amount) && credit.amount > 0 && credit.amount <= AMOUNT_MAX, 'an amount');
			const whole = wholeNumberOf(fields.get('amount'), { min: 1, max: 1000 });
			if (whole !== undefined) holds(Number.isInteger(whole) && whole >= 1 && whole <= 1000, 'within its bounds');
			unitOf(fields.get('unit'));
			const mac = deviceOf(fields);
			if (mac !== undefined) holds(/^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac), 'a hardware address');
			const text = fields.get('token') ?? '';
			const proven = FORMS.check(text, MAC, '/redeem');
			if (proven !== undefined) holds(text === FORMS.make(MAC, '/redeem'), 'only our own token proves anything');
		},
	},
	{
		name: 'request-target',
		title: 'the target, host and languages of a request to the portal',
		make: head,
		words: ['/', '//', '..', '?', '%', ':', '[', ']', 'http://', 'q=1.', ';', ','],
		check(input) {
			const [url = '', host = '', languages = ''] = input.toString('latin1').split('\n');
			const target = targetOf({ url, headers: { host } } as Pick<IncomingMessage, 'url' | 'headers'>);
			if (target !== undefined) {
				holds(!target.path.includes('..') && target.path.length <= 101, 'a path of ours, or none');
				answerElsewhere(target, true, 'http://portal/');
			}
			urlHost(plainAddress(host));
			holds(LANGUAGE_TAGS.includes(negotiateLanguage(languages, ['en', 'ar', 'fil'])), 'a language that we have');
		},
	},
	{
		name: 'page-credentials',
		title: "cookies, forms and tokens of the platform's page",
		make: (random) =>
			Buffer.from(
				random.pick([
					SESSIONS.cookieOf(GRACE, { isSecure: true }).split(';')[0] as string,
					SESSIONS.formToken('grace'),
					randomWord(random, 'octri-a=.;é😀01', 60),
				]),
			),
		words: ['octroi-carrier=', '; ', '.', 'é', '\ud83d', 'grace', '99999999999999'],
		check(input) {
			const text = input.toString('utf8');
			const holder = SESSIONS.holderOf(text);
			if (holder !== undefined) holds(holder.user === 'grace', 'nobody makes a cookie of another');
			if (SESSIONS.isOurForm(text, 'grace')) holds(text.startsWith(SESSIONS.formToken('grace')), 'only our own form');
			holds(TOKENS.holderOf(text) === undefined, 'nobody guesses a token');
		},
	},
	{
		name: 'config',
		title: 'a configuration, with anything wrong in it',
		make: (random) => Buffer.from(writeOddly(random, CONFIG, CONFIG)),
		words: ['{', '}', '[', ']', '"', ',', '\n', '-1', '1e9', '__proto__', '0.0.0.0/0', '::/0'],
		bytesMax: 4096,
		check(input) {
			refusing(['config_invalid'], () => readConfig(input.toString('utf8'), 'fuzz'));
		},
	},
	{
		name: 'address-range',
		title: 'an address range in a configuration or policy',
		make: (random) =>
			Buffer.from(random.pick(['192.0.2.0/24', '2001:db8::/32', '::ffff:1.2.3.4/96', '0/0', '1.2.3.4'])),
		words: ['/', ':', '::', '.', '%', '0', '33', '129', '-1', ' '],
		bytesMax: 64,
		check(input) {
			for (const family of [4, 6] as const) {
				const found = cidrOf(input.toString('latin1'), family);
				if (found !== undefined)
					holds(parseCidr(found.text, family).text === found.text, 'it is spelled as it is read');
			}
		},
	},
];
