import { silentLog } from '../../../../agent/core/log.ts';
import { KernelGate } from '../../../../agent/dataplane/kernel-gate.ts';
import { markField } from '../../../../agent/dataplane/mark.ts';
import { renderRuleset } from '../../../../agent/dataplane/ruleset.ts';
import { NETLINK_NETFILTER, NetlinkConnection } from '../../../../agent/netlink/index.ts';
import { EPOCH, RULESETS } from '../ruleset-cases.ts';
import { bytesRight, member } from './playground.ts';
import { nft, run } from './router.ts';

const MEMBERS = Array.from({ length: 300 }, (_, index) => member(6000 + index));
const NUMBERS = MEMBERS.map(({ meter }) => meter);

/** One pool with more meters than fit into one batch, changes at the same time, and a table that goes away in between. */
export default async function gateMany() {
	const rules = renderRuleset({ ...(RULESETS['none-present'] as (typeof RULESETS)[string]), free: [] });
	nft(rules);
	const connection = new NetlinkConnection({ protocol: NETLINK_NETFILTER });
	connection.start();
	let batches = 0;
	const { batch } = connection;
	connection.batch = (requests) => {
		batches += 1;
		return batch.call(connection, requests);
	};
	const open = () => new KernelGate({ connection, field: markField(0xffff8000), log: silentLog });
	const gate = open();
	await gate.load(EPOCH);

	await gate.apply({ pool: 3, meters: MEMBERS, right: bytesRight(1e9, 1e6) });
	const batchesOfMany = batches;
	const reading = await gate.read(3, NUMBERS);
	const adopted = await open().load(EPOCH);
	const other = open();
	await other.load(EPOCH);
	batches = 0;
	await other.apply({ pool: 3, meters: MEMBERS, right: { kind: 'same' } });
	const batchesOfSame = batches;

	await Promise.all(
		MEMBERS.slice(0, 50).map((one, index) => gate.apply({ pool: 100 + index, meters: [one], right: bytesRight(1000) })),
	);
	const moved = await open().load(EPOCH);
	let sampled = 0;
	await gate.sample(() => (sampled += 1));

	// One change is on its way, one waits, when the table is loaded anew: the waiting one was decided for the old table.
	const first = gate.apply({ pool: 500, meters: [member(500)], right: bytesRight(1000) });
	for (const before = batches; batches === before; ) await Promise.resolve();
	const waiting = gate.apply({ pool: 501, meters: [member(501)], right: bytesRight(1000) });
	const loading = gate.load(EPOCH, async () => nft(`delete table inet octroi\n${rules}`));
	const outcomes = await Promise.allSettled([first, waiting, loading]);
	const refusals = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : outcome.status));
	const empty = await open().load(EPOCH);

	nft('delete table inet octroi');
	const withoutTable = await gate.apply({ pool: 1, meters: [member(1)], right: bytesRight(5) }).catch((error) => error);
	nft(rules);
	await gate.apply({ pool: 1, meters: [member(1)], right: bytesRight(5) });
	const afterwards = await open().load(EPOCH);
	await gate.forget([member(1).meter, ...NUMBERS]);
	await gate.apply({ pool: 1, meters: [], right: { kind: 'nothing' } });
	const left = run('nft', 'list', 'table', 'inet', 'octroi').match(/elements|counter [ud]\d|quota \w+\d \{/g);
	return {
		batchesOfMany,
		batchesOfSame,
		reading: { counters: reading.counters.length, missing: reading.missing.length, grant: reading.grant },
		adopted,
		moved: moved.pools.map(({ pool, meters, mode }) => ({ pool, count: meters.length, mode })),
		sampled,
		refusals,
		empty,
		withoutTable: withoutTable?.code,
		afterwards,
		left,
	};
}
