import { DataPlane } from '../../../../agent/dataplane/data-plane.ts';
import { dataPlaneOptions } from './playground.ts';
import { readRefused } from './refused.ts';
import { makeRouter, nft, until } from './router.ts';

const CONNECTIONS = 600;
/** What comes at once. */
const BURST = 100;

/** Asks for many connections at once, and waits for what becomes of them. */
const CLIENT = `
	const { connect } = require('node:net');
	for (let turn = 0; turn < ${CONNECTIONS}; turn++) connect(443, '10.2.0.2').on('error', () => {});
`;

/** How many connections of a station without credit are refused, and in how many seconds. */
export default async function refusals() {
	const { station } = await makeRouter();
	let told = 0;
	const plane = new DataPlane(dataPlaneOptions([], { onForeignRules: () => (told += 1) }));
	await plane.start({ lowWater() {}, depleted() {}, resynchronise() {}, tableReplaced() {} });
	station.nft(`table inet resets {
		counter asked { }
		counter refused { }
		chain out { type filter hook output priority 0; oifname "eth0" tcp flags & (syn | ack) == syn counter name "asked"
		}
		chain in { type filter hook input priority 0; iifname "eth0" tcp flags & rst == rst counter name "refused"
		}
	}`);
	const counted = (name: string) =>
		Number(/packets (\d+)/.exec(station.run('nft', 'list', 'counter', 'inet', 'resets', name))?.[1]);
	const began = performance.now();
	const client = station.start(process.execPath, '-e', CLIENT);
	await until('all have asked', () => counted('asked') >= CONNECTIONS);
	await until('the first are refused', () => counted('refused') >= BURST);
	client.kill('SIGKILL');
	const refused = counted('refused');
	const seconds = (performance.now() - began) / 1000;
	const toldOfOurs = told;
	nft('table inet meddler {\nchain c {\nct mark set 0x8000\n}\n}\n');
	await until('the kernel tells of rules of others', () => told > 0);
	const { counts } = await readRefused();
	plane.stop();
	return { refused, seconds, toldOfOurs, counts };
}
