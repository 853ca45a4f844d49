import { buyPlan } from '../accounts/buy-plan.ts';
import { termsOf } from '../accounts/plan-terms.ts';
import type { Plan } from '../config/config.ts';
import { clockWarning } from '../core/clock-warning.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId, BootMs, MacAddress, Unit } from '../core/units.ts';
import { detectionOff, type Tethering } from '../detection/tether-detection.ts';
import type { Account } from '../ledger/account.ts';
import type { BuyResult } from '../ledger/wallet-purchase.ts';
import type { Meter } from '../meter/meter.ts';
import { unsettledOf } from '../meter/pool.ts';
import type { Sampler } from '../meter/sampler.ts';
import { StationRows } from '../snapshot/station-rows.ts';
import { stationSums } from '../snapshot/station-totals.ts';
import type { CommandHandlers } from '../status/commands.ts';
import type { AccountRow, AgentStatus, StationDetail } from '../status/protocol.ts';
import { parseNamed } from '../status/why-command.ts';
import { accountDetail } from './account-detail.ts';
import { resultOf } from './answer-result.ts';
import type { HandlerParts } from './command-parts.ts';
import { productHandlers } from './product-commands.ts';
import { codeHandlers } from './voucher-commands.ts';

/** What each command of the status protocol does. */
export function agentHandlers(parts: HandlerParts): CommandHandlers {
	const { config, version, clock, trusted, ledger, meter, sampler, stations, warnings, line } = parts;
	const rows = new StationRows({ ledger, meter, stations, moment: parts.moment });
	const { tethering } = parts;
	const { classifier } = parts.hearing;
	const seen = (mac: MacAddress): MacAddress => {
		const isKnown = stations.get(mac) !== undefined || meter.find(mac) !== undefined;
		if (isKnown || classifier.standing(mac).pinned !== undefined) return mac;
		throw new OctroiError('not_found', `no such station has been seen: ${mac}`, {
			fix: 'see `octroi station list`; many telephones have another hardware address in each network',
		});
	};
	const stationDetail = (mac: MacAddress): StationDetail => {
		const { score, tethering: isTethering, pinned } = classifier.standing(mac);
		const pin = pinned === undefined ? {} : { pinned };
		const evidence = classifier.evidence(mac);
		return { ...rows.row(mac), tethering: { isJudged: tethering !== undefined, score, isTethering, ...pin, evidence } };
	};
	const startedAtMs = clock.wallMs();
	const startedBootMs = clock.bootMs();
	const plan = (name: string): Plan => {
		const found = line.catalogue.plan(name);
		if (found) return found;
		const near = nearestWord(
			name,
			line.catalogue.plans.map((candidate) => candidate.name),
		);
		throw new OctroiError('not_found', `there is no plan ${name}`, {
			fix: near ? `did you mean ${near}?` : 'see `octroi plan list`',
		});
	};
	const known = (id: AccountId): Account => {
		const account = ledger.account(id);
		if (account) return account;
		throw new OctroiError('not_found', `there is no account ${id}`, { fix: `create it: octroi account create ${id}` });
	};

	return {
		ping: () => ({ pong: true }),

		status() {
			const { counts, ...rates } = stationSums(parts);
			warnings.set('clock', clockWarning(trusted));
			return {
				version,
				processId: parts.processId,
				startedAtMs,
				upSeconds: Math.floor((clock.bootMs() - startedBootMs) / 1000),
				devices: config.devices,
				powerLoss: config.powerLoss,
				database: config.database,
				epoch: meter.epoch,
				stations: counts,
				accounts: ledger.accountCount(),
				traffic: {
					upBytes: meter.charger.traffic.up,
					downBytes: meter.charger.traffic.down,
					...rates,
				},
				sample: sampleOf(sampler),
				...(tethering ? { flows: flowsOf(tethering) } : {}),
				warnings: warnings.list(),
			};
		},

		'station.list': () => rows.list(),
		async 'station.attach'({ mac, account, code }) {
			await line.findAccount(account, code);
			await meter.attach(mac, account);
			return rows.row(mac);
		},
		async 'station.detach'({ mac }) {
			await meter.detach(mac, 'detached');
			return rows.row(mac);
		},

		why: ({ device }) => parts.why.answer(parseNamed(device)),
		'station.show': ({ mac }) => stationDetail(seen(mac)),
		async 'station.pin'({ mac, as }) {
			if (!tethering) throw detectionOff();
			await tethering.pin(mac, as === 'none' ? undefined : as);
			return stationDetail(mac);
		},

		'account.create': ({ account }) => ({ ...resultOf(ledger.createAccount({ id: account })), account }),
		'account.list': () => ledger.accounts().map((account) => accountRow(account, meter, clock.bootMs())),
		'account.show': ({ account }) => accountDetail(accountRow(known(account), meter, clock.bootMs()), parts),
		async 'account.topup'({ account, plan: name, transfer = parts.newTransferId(), wallet = false }) {
			known(account);
			const bought = plan(name);
			const credited = wallet
				? await buyPlan(parts, { transferId: transfer, account, plan: bought })
				: await meter.topUp({ transferId: transfer, account, terms: termsOf(bought) });
			if (credited.answer === 'too_little') throw tooLittle(account, bought, credited);
			const done = resultOf(credited.answer);
			return { ...done, account, plan: name, transfer, package: credited.package?.id ?? transfer };
		},
		async 'account.block'({ account }) {
			return { ...resultOf(await meter.setBlocked(account, true)), account };
		},
		async 'account.unblock'({ account }) {
			return { ...resultOf(await meter.setBlocked(account, false)), account };
		},

		capture({ capture, ...request }) {
			const { data, isDone, ...part } =
				capture === undefined ? parts.hearing.capture.start(request) : parts.hearing.capture.read(capture);
			return { ...part, data: data.toString('base64'), done: isDone };
		},
		...productHandlers(parts),
		...parts.addedPlans.handlers,
		'carrier.status': () => line.status,
		'account.history': ({ account, limit }) => ledger.history(account, { limit }),
		'ledger.verify': () => ledger.verify(),
		...codeHandlers({ ...parts, plan, stationRow: (mac) => rows.row(mac) }),
	};
}

function tooLittle(account: AccountId, { priceMicro = 0 }: Plan, { availableMicro = 0 }: BuyResult): OctroiError {
	return new OctroiError('not_allowed', `the wallet of ${account} has only ${availableMicro} (micro) to spend`, {
		fix: `the plan costs ${priceMicro}: fill the wallet first`,
	});
}

function accountRow(account: Account, meter: Meter, now: BootMs): AccountRow {
	const pool = meter.pools.of(account.id);
	const balance = (unit: Unit) => ({
		available: account.available[unit],
		reserved: account.reserved[unit],
	});
	const stations: MacAddress[] = [...(pool?.meters.values() ?? [])].map(({ mac }) => mac);
	const held = (['byte', 'second', 'micro'] as const).reduce(
		(sum, unit) => sum + account.available[unit] + account.reserved[unit],
		0,
	);
	return {
		account: account.id,
		state: account.blocked
			? 'blocked'
			: held > 0
				? 'funded'
				: account.used.byte + account.used.second > 0
					? 'empty'
					: 'new',
		blocked: account.blocked,
		balance: { byte: balance('byte'), second: balance('second'), micro: balance('micro') },
		unsettled: pool === undefined ? { byte: 0, second: 0 } : unsettledOf(pool, now),
		stations,
	};
}

function flowsOf({ figures }: Tethering): NonNullable<AgentStatus['flows']> {
	const { mode: queue, own, tethered, shed, passed } = figures;
	return { queue, own, tethered, shed, passed };
}

function sampleOf({ figures }: Sampler): AgentStatus['sample'] {
	const { count, lastDurationMs, longestDurationMs } = figures;
	return { count, lastDurationMs, longestDurationMs };
}
