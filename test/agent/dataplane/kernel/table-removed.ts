import { DataPlane } from '../../../../agent/dataplane/data-plane.ts';
import { epochOf } from '../../../../agent/dataplane/ruleset.ts';
import type { GateEvents, GateState } from '../../../../agent/meter/gate.ts';
import { attach, dataPlaneOptions } from './playground.ts';
import { makeRouter, nft, passes, run, until } from './router.ts';

/** What becomes of a table that somebody removes, empties or brings in under our name. */
export default async function tableRemoved() {
	const router = await makeRouter();
	const log: string[] = [];
	const replaced: GateState[] = [];
	const events: GateEvents = {
		lowWater() {},
		depleted() {},
		resynchronise() {},
		tableReplaced: (state) => replaced.push(state),
	};
	nft('table inet octroi { comment "of someone else"; map station { type ipv4_addr : mark; }; }');
	const plane = new DataPlane(dataPlaneOptions(log));
	const first = await plane.start(events);
	await plane.gate.read(1, []);
	const afterForeign = { ...inKernel(), replaced: replaced.length };

	await attach(plane.gate);
	const passedBefore = passes(router);
	const answers: object[] = [];
	for (const removal of ['delete table inet octroi', 'flush ruleset']) {
		const before = replaced.length;
		nft(removal);
		await until('the table is told to be replaced', () => replaced.length > before);
		await until('the table is there', () => inKernel().epoch === replaced.at(-1)?.epoch);
		const passedEmpty = passes(router);
		await attach(plane.gate);
		answers.push({ told: replaced.length - before, state: replaced.at(-1), passedEmpty, passed: passes(router) });
	}

	const saved = run('nft', 'list', 'ruleset');
	const beforeRestore = replaced.length;
	nft(`flush ruleset\n${saved}`);
	await until('the restored table is replaced', () => replaced.length > beforeRestore);
	const restored = { state: replaced.at(-1), ...inKernel() };

	const beforeStorm = replaced.length;
	for (let time = 0; time < 5; time++) nft('add table inet octroi\ndelete table inet octroi');
	await until('the last table is ours', () => {
		const { epoch } = inKernel();
		return replaced.length > beforeStorm && epoch !== undefined && epoch === replaced.at(-1)?.epoch;
	});
	await attach(plane.gate);
	const storm = { passed: passes(router), told: replaced.length - beforeStorm };
	plane.stop();
	plane.stop();
	const epochs = [first, ...replaced].map(({ epoch }) => epoch);
	return { afterForeign, first, passedBefore, answers, restored, storm, epochs, log };
}

function inKernel(): { epoch: string | undefined; text: string } {
	try {
		const text = run('nft', 'list', 'table', 'inet', 'octroi');
		return { epoch: epochOf(/comment "(octroi epoch [^"]*)"/.exec(text)?.[1], 0xffff8000), text };
	} catch {
		return { epoch: undefined, text: '' };
	}
}
