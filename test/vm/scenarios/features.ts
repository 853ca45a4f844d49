import { withLab } from '../../lab/lab.ts';
import { Namespace } from '../../lab/namespace/namespace.ts';
import { runProgram } from '../../lab/namespace/program.ts';
import { SECURE_PORTAL } from '../../lab/scenarios/announced.ts';
import type { VmScenario } from '../vm-scenario.ts';

type DoctorAnswer = { ok: boolean; features: { name: string; ok: boolean; needed: boolean; detail: string }[] };

const has = (title: string) => ({ title: `1: this kernel has ${title}`, bound: { equals: 1 } }) as const;

const CHAIN = 'type filter hook forward priority filter; policy accept;';

/** Rulesets that the kernel must take for good, not only check. */
const RULESETS: Record<string, string> = {
	nft_queue: `chain c { ${CHAIN} queue flags bypass to 0\n }`,
	nft_flowtable: 'flowtable f { hook ingress priority 0; devices = { d0, d1 }; }',
	nft_flow_add: `flowtable f { hook ingress priority 0; devices = { d0, d1 }; }\nchain c { ${CHAIN} flow add @f\n }`,
	nft_priority_map: `map m { type mark : classid; size 16; }\nchain c { ${CHAIN} meta priority set ct mark map @m\n }`,
	nft_masquerade: 'chain c { type nat hook postrouting priority srcnat; masquerade\n }',
	nft_tproxy: `chain c { type filter hook prerouting priority mangle; meta l4proto tcp tproxy ip to 127.0.0.1:80\n }`,
};

const QDISCS = ['htb', 'hfsc', 'fq_codel', 'cake', 'fq', 'sfq', 'red', 'tbf', 'ingress', 'clsact'];

/** What Debian's kernel has that others lack; the doctor must like it. A later scenario may build on each of these. */
export const features: VmScenario = {
	name: 'features',
	title: 'what this kernel has: octroi doctor, native queue, flowtables, queueing disciplines, radios',
	radios: 2,
	figures: {
		doctor_ok: { title: '1: octroi doctor misses nothing that is needed', bound: { equals: 1 } },
		doctor_features_missing: { title: 'rows of octroi doctor that are not ok', bound: { equals: 0 } },
		radios: { title: 'simulated 802.11 radios', bound: { equals: 2 } },
		...Object.fromEntries(Object.keys(RULESETS).map((name) => [name, has(name.replace('_', ' '))])),
		...Object.fromEntries(QDISCS.map((name) => [`tc_${name}`, has(`the queueing discipline ${name}`)])),
	},
	async run({ progress }) {
		const figures: Record<string, number> = {
			radios: (await runProgram('iw', ['phy'])).match(/^Wiphy/gm)?.length ?? 0,
		};
		const space = new Namespace('features');
		await runProgram('ip', ['netns', 'add', space.name]);
		await space.ip(['link set lo up', 'link add d0 type veth peer name d1']);
		for (const [name, rules] of Object.entries(RULESETS)) {
			const complaint = await complaintOf(() => space.nft(`table inet probe {\n${rules}\n}\n`));
			figures[name] = complaint === undefined ? 1 : 0;
			progress(`${name}: ${complaint ?? 'yes'}`);
			if (complaint === undefined) await space.nft('delete table inet probe\n');
		}
		for (const name of QDISCS) {
			const isIngress = name === 'ingress' || name === 'clsact';
			const options: Record<string, string[]> = {
				tbf: ['rate', '1mbit', 'burst', '10k', 'latency', '50ms'],
				red: ['limit', '400k', 'avpkt', '1000', 'bandwidth', '10mbit'],
			};
			const words = [...(isIngress ? [] : ['root']), name, ...(options[name] ?? [])];
			const complaint = await complaintOf(() => space.run('tc', ['qdisc', 'add', 'dev', 'd0', ...words]));
			figures[`tc_${name}`] = complaint === undefined ? 1 : 0;
			progress(`${name}: ${complaint ?? 'yes'}`);
			if (complaint === undefined) await space.run('tc', ['qdisc', 'delete', 'dev', 'd0', isIngress ? name : 'root']);
		}
		return { ...figures, ...(await askDoctor(progress)) };
	},
};

async function askDoctor(progress: (line: string) => void): Promise<Record<string, number>> {
	return await withLab({ stations: 1, addressing: 'static' }, async (lab) => {
		const agent = await lab.startAgent({ portal: SECURE_PORTAL });
		const answer = await agent.octroi<DoctorAnswer>('doctor');
		for (const { name, ok, detail } of answer.features) progress(`doctor: ${ok ? 'ok' : 'NO'} ${name}: ${detail}`);
		// Rooms are the machine's: of neighbours not to be seen in the lab's namespaces, of flows by its memory.
		const missing = answer.features.filter(({ name, ok }) => !ok && !name.startsWith('room for')).length;
		return { doctor_ok: answer.ok ? 1 : 0, doctor_features_missing: missing };
	});
}

async function complaintOf(act: () => Promise<unknown>): Promise<string | undefined> {
	try {
		await act();
		return undefined;
	} catch (error) {
		return (error as Error).message.split('\n')[0];
	}
}
