import { NeighbourWatch } from '../../../../agent/dataplane/neighbour-watch.ts';
import { ip, listLog, makeRouter, until } from './router.ts';

const FIRST = '02:00:5e:10:00:11';
const SECOND = '02:00:5e:10:00:12';
const OURS = '02:00:5e:10:00:13';

/** What is told of the neighbours of a bridge, step by step. */
export default async function neighbours() {
	const { station } = await makeRouter();
	const log: string[] = [];
	const told: string[] = [];
	const steps: Record<string, string[]> = {};
	const step = async (name: string, last: string) => {
		await until(`${last} is told`, () => told.includes(last));
		// A dump beside the events tells some twice.
		steps[name] = [...new Set(told.splice(0))].filter((line) => line.includes('10.9.0.') || line.includes('10.1.0.'));
	};
	bridge();
	ip('neighbour', 'add', '10.9.0.5', 'lladdr', FIRST, 'dev', 'br0', 'nud', 'reachable');
	const watch = new NeighbourWatch({ metered: ['br0', 'lan0'], log: listLog(log) });
	await watch.start(({ mac, address, device, alive }) => {
		told.push(`${alive ? '+' : '-'} ${mac} ${address} ${device}`);
	});
	await step('there at the start', `+ ${FIRST} 10.9.0.5 br0`);
	ip('neighbour', 'replace', '10.9.0.5', 'lladdr', SECOND, 'dev', 'br0', 'nud', 'reachable');
	await step('another station takes the address', `+ ${SECOND} 10.9.0.5 br0`);
	ip('neighbour', 'delete', '10.9.0.5', 'dev', 'br0');
	await step('deleted', `- ${SECOND} 10.9.0.5 br0`);
	ip('neighbour', 'add', '10.9.0.6', 'lladdr', FIRST, 'dev', 'br0', 'nud', 'reachable');
	await step('another', `+ ${FIRST} 10.9.0.6 br0`);
	ip('neighbour', 'replace', '10.9.0.6', 'dev', 'br0', 'nud', 'failed');
	await step('failed', `- ${FIRST} 10.9.0.6 br0`);
	ip('neighbour', 'replace', '10.9.0.6', 'lladdr', FIRST, 'dev', 'br0', 'nud', 'stale');
	await step('back', `+ ${FIRST} 10.9.0.6 br0`);
	ip('link', 'add', 'own0', 'address', OURS, 'type', 'bridge');
	ip('neighbour', 'add', '10.9.0.20', 'lladdr', OURS, 'dev', 'br0', 'nud', 'stale');
	ip('neighbour', 'add', '10.9.0.21', 'lladdr', SECOND, 'dev', 'br0', 'nud', 'stale');
	await step('of a device of ours', `+ ${SECOND} 10.9.0.21 br0`);
	ip('link', 'delete', 'own0');
	await step('it is not ours any more', `+ ${OURS} 10.9.0.20 br0`);
	ip('link', 'delete', 'br0');
	await step('bridge deleted', `- ${FIRST} 10.9.0.6 br0`);
	bridge();
	ip('neighbour', 'add', '10.9.0.7', 'lladdr', SECOND, 'dev', 'br0', 'nud', 'reachable');
	await step('bridge made again', `+ ${SECOND} 10.9.0.7 br0`);
	ip('link', 'set', 'br0', 'down');
	ip('link', 'set', 'br0', 'name', 'br1');
	await step('bridge renamed away', `- ${SECOND} 10.9.0.7 br0`);
	ip('link', 'add', 'other0', 'type', 'bridge');
	ip('link', 'set', 'other0', 'up');
	ip('neighbour', 'add', '10.9.0.8', 'lladdr', FIRST, 'dev', 'other0', 'nud', 'permanent');
	ip('neighbour', 'add', '10.9.0.9', 'lladdr', SECOND, 'dev', 'br1', 'nud', 'permanent');
	ip('link', 'set', 'br1', 'up');
	ip('link', 'set', 'other0', 'name', 'br0');
	await step('another device gets the name', `+ ${FIRST} 10.9.0.8 br0`);

	const mac = /ether ([0-9a-f:]+)/.exec(station.run('ip', 'link', 'show', 'eth0'))?.[1];
	station.run('ping', '-n', '-q', '-c', '1', '10.1.0.1');
	await step('real traffic', `+ ${mac} 10.1.0.2 lan0`);
	station.run('ip', 'link', 'set', 'eth0', 'down');
	await step('its link is down', `- ${mac} 10.1.0.2 lan0`);
	watch.stop();
	watch.stop();
	return { steps, log };
}

function bridge(): void {
	ip('link', 'add', 'br0', 'type', 'bridge');
	ip('address', 'add', '10.9.0.1/24', 'dev', 'br0');
	ip('link', 'set', 'br0', 'up');
}
