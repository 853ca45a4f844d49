import { accountIdRule } from '../core/account-id.ts';
import { parseMacAddress } from '../core/mac-address.ts';
import { OctroiError } from '../core/octroi-error.ts';
import { planNameRule } from '../core/plan-name.ts';
import { type AccountId, AMOUNT_MAX, type MacAddress, type Unit } from '../core/units.ts';
import { oneOf, parsedText, quoteValue, textOf, wholeNumber } from '../core/value-rule.ts';
import { CODE_SHAPES, type CodeCommandTypes, yesOrNo } from './code-commands.ts';
import type { Argument, CommandShape } from './command-shape.ts';
import { PLAN_SHAPES, type PlanCommandTypes } from './plan-commands.ts';
import type {
	AccountDetail,
	AccountRow,
	AgentStatus,
	CapturePart,
	CarrierStatus,
	Done,
	Explanation,
	HistoryRow,
	Member,
	Receipt,
	StationDetail,
	StationRow,
	UsageRecord,
	VerifyReport,
	Watching,
} from './protocol.ts';
import { WHY_SHAPES, type WhyCommandTypes } from './why-command.ts';

/** The most transfers that one `account.history` answers: bounds the answer to a few hundred KiB. */
export const HISTORY_ROWS_MAX = 1000;
/** Fills a screen. */
export const HISTORY_ROWS_DEFAULT = 50;
/** A capture is for a person who waits for it. */
export const CAPTURE_SECONDS_MAX = 3600;
export const CAPTURE_SECONDS_DEFAULT = 30;
/** The headers of every protocol, and little of what people write. */
export const SNAP_BYTES_DEFAULT = 256;
/** libpcap's own bound on what makes sense of an Ethernet frame. */
export const SNAP_BYTES_MAX = 65_535;

/** Every command with what it takes and what it answers. */
export type CommandTypes = {
	ping: { arguments: Record<never, never>; result: { pong: true } };
	status: { arguments: Record<never, never>; result: AgentStatus };
	'station.list': { arguments: Record<never, never>; result: readonly StationRow[] };
	/** `code`: the customer's, of an account that lives at the platform. */
	'station.attach': { arguments: { mac: MacAddress; account: AccountId; code?: string }; result: StationRow };
	'station.detach': { arguments: { mac: MacAddress }; result: StationRow };
	'station.show': { arguments: { mac: MacAddress }; result: StationDetail };
	'station.pin': { arguments: { mac: MacAddress; as: 'own' | 'tethered' | 'none' }; result: StationDetail };
	'account.create': { arguments: { account: AccountId }; result: Done & { account: AccountId } };
	'account.list': { arguments: Record<never, never>; result: readonly AccountRow[] };
	'account.show': { arguments: { account: AccountId }; result: AccountDetail };
	'account.topup': {
		/**
		 * `transfer`: the id made by whoever asks; asking twice with one id credits once. Absent: the agent makes one.
		 * `wallet`: the plan's price is paid from the account's money; default false.
		 */
		arguments: { account: AccountId; plan: string; transfer?: string; wallet?: boolean };
		result: Done & { account: AccountId; plan: string; transfer: string; package: string };
	};
	'account.block': { arguments: { account: AccountId }; result: Done & { account: AccountId } };
	'account.unblock': { arguments: { account: AccountId }; result: Done & { account: AccountId } };
	/** A one-time code, by which a member of the same group (or `taker`) takes the amount. Absent `code`: the agent makes one. */
	'account.permit': {
		arguments: { account: AccountId; amount: number; unit: Unit; taker?: AccountId; code?: string };
		result: Done & { account: AccountId; amount: number; unit: Unit; code: string };
	};
	'account.take': {
		arguments: { account: AccountId; code: string; transfer?: string };
		result: Done & { account: AccountId; giver: AccountId; amount: number; unit: Unit; transfer: string };
	};
	/** All that `account` has becomes `into`'s; its stations too. */
	'account.merge': {
		arguments: { account: AccountId; into: AccountId };
		result: Done & {
			account: AccountId;
			into: AccountId;
			packages: number;
			moved: Readonly<Record<Unit, number>>;
			stations: readonly MacAddress[];
		};
	};
	'alert.set': {
		arguments: { account: AccountId; alert: string; unit: Unit; remaining?: number; percent?: number };
		result: Done & { account: AccountId; alert: string };
	};
	'alert.remove': { arguments: { account: AccountId; alert: string }; result: Done & { account: AccountId } };
	'alert.seen': { arguments: { account: AccountId; alert: string }; result: Done & { account: AccountId } };
	'group.join': {
		arguments: { group: AccountId; account: AccountId; bytes?: number; seconds?: number; micro?: number };
		result: Done & { group: AccountId; account: AccountId };
	};
	'group.leave': { arguments: { group: AccountId; account: AccountId }; result: Done & { group: AccountId } };
	'group.show': { arguments: { group: AccountId }; result: readonly Member[] };
	'renewal.end': { arguments: { account: AccountId; renewal: string }; result: Done & { account: AccountId } };
	/** Without `capture` a new one is started; with it the next part is fetched. */
	capture: {
		arguments: { mac: MacAddress; seconds: number; snapBytes: number; capture?: string };
		result: CapturePart;
	};
	'record.list': { arguments: { account: AccountId; limit: number }; result: readonly UsageRecord[] };
	'record.show': { arguments: { session: string }; result: UsageRecord };
	/** The whole account, or one session of it. */
	explain: { arguments: { account: AccountId; session?: string; limit: number }; result: Explanation };
	receipt: { arguments: { session: string }; result: Receipt };
	'carrier.status': { arguments: Record<never, never>; result: CarrierStatus };
	'account.history': { arguments: { account: AccountId; limit: number }; result: readonly HistoryRow[] };
	'ledger.verify': { arguments: Record<never, never>; result: VerifyReport };
	/** After the answer the connection carries the events of `snapshot.ts`. */
	watch: { arguments: Record<never, never>; result: Watching } & CodeCommandTypes;
} & CodeCommandTypes &
	PlanCommandTypes &
	WhyCommandTypes;

export type CommandName = keyof CommandTypes;
export type ArgumentsOf<Name extends CommandName> = CommandTypes[Name]['arguments'];
export type ResultOf<Name extends CommandName> = CommandTypes[Name]['result'];

/** What the agent implements: one function a command. Refuse by throwing an OctroiError. `watch` is the connection's own. */
export type CommandHandlers = {
	[Name in Exclude<CommandName, 'watch'>]: (given: ArgumentsOf<Name>) => ResultOf<Name> | Promise<ResultOf<Name>>;
};

const account: Argument = { rule: accountIdRule };
const mac: Argument = { rule: parsedText(parseMacAddress, 'a MAC address') };

const transferIdRule = textOf(
	/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/,
	'a transfer id: 1 to 64 letters, digits, ".", "_", ":" and "-", starting with a letter or digit',
);

const customerCodeRule = textOf(
	/^[A-Za-z0-9 -]{16,40}$/,
	"a customer's code: 16 to 40 letters, digits, spaces and hyphens",
);
export const permissionCodeRule = textOf(/^[A-Za-z0-9-]{8,64}$/, 'a permission code: 8 to 64 letters, digits and "-"');

const name: Argument = { rule: transferIdRule };
const session: Argument = { rule: transferIdRule };
const unit: Argument = { rule: oneOf(['byte', 'second', 'micro']) };
const allowance: Argument = { rule: wholeNumber({ min: 0, max: AMOUNT_MAX }), optional: true };
const rows: Argument = {
	rule: wholeNumber({ min: 1, max: HISTORY_ROWS_MAX }),
	default: HISTORY_ROWS_DEFAULT,
};

/** The shape of each command: who may call it, and with what. */
export const COMMAND_SHAPES: { readonly [Name in CommandName]: CommandShape } = {
	ping: { readOnly: true, argumentsSchema: {} },
	status: { readOnly: true, argumentsSchema: {} },
	'station.list': { readOnly: true, argumentsSchema: {} },
	'station.attach': {
		readOnly: false,
		argumentsSchema: { mac, account, code: { rule: customerCodeRule, optional: true } },
	},
	'station.detach': { readOnly: false, argumentsSchema: { mac } },
	'station.show': { readOnly: true, argumentsSchema: { mac } },
	'station.pin': { readOnly: false, argumentsSchema: { mac, as: { rule: oneOf(['own', 'tethered', 'none']) } } },
	'account.create': { readOnly: false, argumentsSchema: { account } },
	'account.list': { readOnly: true, argumentsSchema: {} },
	'account.show': { readOnly: true, argumentsSchema: { account } },
	'account.topup': {
		readOnly: false,
		argumentsSchema: {
			account,
			plan: { rule: planNameRule },
			transfer: { rule: transferIdRule, optional: true },
			wallet: { rule: yesOrNo, optional: true },
		},
	},
	'account.block': { readOnly: false, argumentsSchema: { account } },
	'account.unblock': { readOnly: false, argumentsSchema: { account } },
	'account.permit': {
		readOnly: false,
		argumentsSchema: {
			account,
			amount: { rule: wholeNumber({ min: 1, max: AMOUNT_MAX }) },
			unit,
			taker: { rule: accountIdRule, optional: true },
			code: { rule: permissionCodeRule, optional: true },
		},
	},
	'account.take': {
		readOnly: false,
		argumentsSchema: {
			account,
			code: { rule: permissionCodeRule },
			transfer: { rule: transferIdRule, optional: true },
		},
	},
	'account.merge': { readOnly: false, argumentsSchema: { account, into: account } },
	'alert.set': {
		readOnly: false,
		argumentsSchema: {
			account,
			alert: name,
			unit,
			remaining: { rule: wholeNumber({ min: 0, max: AMOUNT_MAX }), optional: true },
			percent: { rule: wholeNumber({ min: 1, max: 100 }), optional: true },
		},
	},
	'alert.remove': { readOnly: false, argumentsSchema: { account, alert: name } },
	'alert.seen': { readOnly: false, argumentsSchema: { account, alert: name } },
	'group.join': {
		readOnly: false,
		argumentsSchema: { group: account, account, bytes: allowance, seconds: allowance, micro: allowance },
	},
	'group.leave': { readOnly: false, argumentsSchema: { group: account, account } },
	'group.show': { readOnly: true, argumentsSchema: { group: account } },
	'renewal.end': { readOnly: false, argumentsSchema: { account, renewal: name } },
	capture: {
		readOnly: false,
		argumentsSchema: {
			mac,
			seconds: { rule: wholeNumber({ min: 1, max: CAPTURE_SECONDS_MAX }), default: CAPTURE_SECONDS_DEFAULT },
			snapBytes: { rule: wholeNumber({ min: 14, max: SNAP_BYTES_MAX }), default: SNAP_BYTES_DEFAULT },
			capture: { ...name, optional: true },
		},
	},
	...PLAN_SHAPES,
	...WHY_SHAPES,
	'record.list': { readOnly: true, argumentsSchema: { account, limit: rows } },
	'record.show': { readOnly: true, argumentsSchema: { session } },
	explain: { readOnly: true, argumentsSchema: { account, session: { ...session, optional: true }, limit: rows } },
	receipt: { readOnly: true, argumentsSchema: { session } },
	'carrier.status': { readOnly: true, argumentsSchema: {} },
	'account.history': {
		readOnly: true,
		argumentsSchema: { account, limit: rows },
	},
	// It reads the whole ledger: for 0.7 s and more nobody else is answered, so not everybody who may look may ask for it.
	'ledger.verify': { readOnly: false, argumentsSchema: {} },
	...CODE_SHAPES,
	watch: { readOnly: true, argumentsSchema: {} },
};

/** One command, ready for the server: its shape and what it runs. */
export type AgentCommand = CommandShape & { run(given: Record<string, unknown>, watch?: WatchRequest): unknown };
/** Has the connection that asks watch, once this has been answered. */
export type WatchRequest = () => Watching;
export type AgentCommands = ReadonlyMap<string, AgentCommand>;

/** Joins the handlers with their shapes. The server calls a handler only with arguments that its schema has read. */
export function agentCommands(handlers: CommandHandlers): AgentCommands {
	const commands = new Map<string, AgentCommand>();
	for (const name of Object.keys(COMMAND_SHAPES) as CommandName[]) {
		if (name === 'watch') continue;
		const handler = handlers[name] as (given: Record<string, unknown>) => unknown;
		commands.set(name, { ...COMMAND_SHAPES[name], run: (given) => handler(given) });
	}
	commands.set('watch', { ...COMMAND_SHAPES.watch, run: (_given, watch) => watch?.() });
	return commands;
}

/**
 * The arguments of a request, each read by its rule.
 *
 * @throws OctroiError `invalid_value` that names every problem at once
 */
export function readArguments(shape: CommandShape, input: unknown): Record<string, unknown> {
	const given = input ?? {};
	if (typeof given !== 'object' || Array.isArray(given)) {
		throw new OctroiError('invalid_value', `arguments ${quoteValue(input)} are not an object`);
	}
	const problems: string[] = [];
	const values: Record<string, unknown> = {};
	for (const key of Object.keys(given)) {
		if (!Object.hasOwn(shape.argumentsSchema, key)) {
			problems.push(`${quoteValue(key)} is not an argument of this command`);
		}
	}
	for (const [key, argument] of Object.entries(shape.argumentsSchema)) {
		const raw = Object.hasOwn(given, key) ? (given as Record<string, unknown>)[key] : argument.default;
		if (raw === undefined && argument.optional) {
			continue;
		}
		const answer = raw === undefined ? missing(argument) : argument.rule.read(raw);
		if (answer.ok) {
			values[key] = answer.value;
		} else {
			problems.push(`${key}: ${answer.problem}`);
		}
	}
	if (problems.length > 0) {
		throw new OctroiError('invalid_value', problems.join('; '), { fix: describe(shape) });
	}
	return values;
}

function missing(argument: Argument): { ok: false; problem: string } {
	return { ok: false, problem: `is missing; it must be ${argument.rule.accepts}` };
}

function describe(shape: CommandShape): string {
	const parts = Object.entries(shape.argumentsSchema).map(([key, argument]) => `${key} (${argument.rule.accepts})`);
	return parts.length === 0 ? 'this command takes no arguments' : `give ${parts.join(', ')}`;
}
