import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { DataPlane } from '../../../../agent/dataplane/data-plane.ts';
import { attach, dataPlaneOptions, meter } from './playground.ts';
import { type Host, makeRouter, nft, run, until } from './router.ts';

const QUESTIONS = 100;
/** With headers: 72, and 228 for its answer. */
const QUESTION_BYTES = 44;
const ANSWER_BYTES = 200;
/** Each is 30 kB: more than the 84 kB that come at once, and what comes in the time that a busy machine takes. */
const ROUNDS = 8;
const PORTAL = Buffer.concat([Buffer.alloc(12), Buffer.from('\x06portal\x04home\x04arpa\0', 'latin1')]);

/** Sends the questions from these addresses in turn, always from the same port, and last the name of the portal. */
const CLIENT = `
	const { createSocket } = require('node:dgram');
	const [addresses, questions, bytes, portal] = JSON.parse(process.argv[1]);
	const sockets = addresses.map((address) => createSocket('udp4').bind(4000, address));
	const send = (turn, message) => sockets[turn % sockets.length].send(message, 53, '10.1.0.1');
	for (let turn = 0; turn < questions; turn++) send(turn, Buffer.alloc(bytes));
	setImmediate(() => send(0, Buffer.from(portal, 'hex')));
`;

/** A station asks our resolver: from one address, then from many, then with a right. */
export default async function names() {
	const { station } = await makeRouter();
	const plane = new DataPlane(dataPlaneOptions([]));
	await plane.start({ lowWater() {}, depleted() {}, resynchronise() {}, tableReplaced() {} });
	let heard = 0;
	const resolver = createSocket('udp4').bind(53, '0.0.0.0');
	await once(resolver, 'listening');
	resolver.on('message', (message, from) => {
		const isPortal = message.equals(PORTAL);
		if (!isPortal) heard++;
		resolver.send(isPortal ? message : Buffer.alloc(ANSWER_BYTES), from.port, from.address);
	});
	station.nft(`table inet witness {
		counter answers { }
		counter portal { }
		counter names { }
		chain asked { type filter hook postrouting priority 0; udp dport 53 counter name "names"
		}
		chain told { type filter hook prerouting priority raw; udp sport 53 counter name "names"
		}
		chain names { type filter hook input priority 0; udp sport 53 meta length > 150 counter name "answers"
			udp sport 53 meta length < 150 counter name "portal"
		}
	}`);
	const others = Array.from({ length: 40 }, (_, index) => `10.1.0.${index + 10}`);
	for (const address of others) station.run('ip', 'address', 'add', `${address}/24`, 'dev', 'eth0');

	const asks = async (addresses: string[]) => {
		const before = { heard, answers: station.counted('answers'), portal: station.counted('portal') };
		const client = ask(station, addresses);
		await until('the portal was answered', () => station.counted('portal') > before.portal);
		client.kill('SIGKILL');
		await once(client, 'exit');
		return { questions: heard - before.heard, answerBytes: station.counted('answers') - before.answers };
	};
	const fromMany = await asks(others);
	const fromOne = await asks(['10.1.0.2']);
	const before = station.counted('names');
	await attach(plane.gate);
	const withRight = await asks(['10.1.0.2']);
	const beyond = await chargedBeyond(plane, () => asks(['10.1.0.2']));
	const countedBytes = station.counted('names') - before;
	/** @returns bytes of answers that passed in the meantime, with all that the resolver had sent by then */
	const answered = async (work: () => Promise<void>) => {
		const before = station.counted('answers');
		await work();
		const portalBefore = station.counted('portal');
		resolver.send(Buffer.alloc(12), 4999, '10.1.0.2');
		await until('a question of our own has gone out', () => station.counted('portal') > portalBefore);
		return station.counted('answers') - before;
	};
	// The flow of its question is forgotten, or never was: to a port that has asked nothing.
	const lateBytes = await answered(async () => {
		const late = Buffer.alloc(ANSWER_BYTES);
		late[2] = 0x80;
		resolver.send(late, 4999, '10.1.0.2');
	});
	// Its question lost its mark: as between two grants, when another question of the same flow finds nothing to spend.
	const unmarkedBytes = await answered(async () => {
		nft('table inet meddler {\nchain c { type filter hook output priority 0; udp sport 53 ct mark set 0\n}\n}\n');
		const heardBefore = heard;
		const client = ask(station, ['10.1.0.2']);
		await until('all have asked', () => heard >= heardBefore + QUESTIONS);
		client.kill('SIGKILL');
		await once(client, 'exit');
	});
	resolver.close();
	plane.stop();
	return {
		fromMany,
		fromOne,
		withRight,
		beyond: { ...beyond, countedBytes },
		lateBytes,
		unmarkedBytes,
		asked: QUESTIONS,
		answerBytes: QUESTIONS * (ANSWER_BYTES + 28),
	};
}

/** The same again and again, until the free budget is long spent. */
async function chargedBeyond(plane: DataPlane, asksOnce: () => Promise<unknown>) {
	for (let time = 0; time < ROUNDS; time++) await asksOnce();
	const { counters } = await plane.gate.read(1, [meter(1)]);
	const chargedBytes = counters.reduce((sum, { up, down }) => sum + up + down, 0);
	const rule = run('nft', 'list', 'counter', 'inet', 'octroi', 'names_uncharged');
	const freeBytes = Number(/bytes (\d+)/.exec(rule)?.[1]);
	return { chargedBytes, freeBytes };
}

function ask(station: Host, addresses: string[]) {
	const orders = JSON.stringify([addresses, QUESTIONS, QUESTION_BYTES, PORTAL.toString('hex')]);
	return station.start(process.execPath, '-e', CLIENT, orders);
}
