import { spawnSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { createSession } from 'pcap';
import { silentLog } from '../../../../agent/core/log.ts';
import { FrameSource } from '../../../../agent/sensor/frame-source.ts';
import { loadPcap } from '../../../../agent/sensor/pcap-binding.ts';
import { arpReply } from '../../../lab/frames/ethernet.ts';

const ENDS = { source: '02:00:5e:10:00:02', destination: '02:00:5e:10:00:03', mac: '02:00:5e:10:00:02' };
const FRAME = arpReply({ ...ENDS, address: '10.77.0.1', askedBy: '10.77.0.3' });
const PER_TURN = 100;
const FLOOD = 5000;

function ip(...words: string[]): void {
	const { status, stderr } = spawnSync('ip', words, { encoding: 'utf8' });
	if (status !== 0) throw new Error(stderr);
}

/** Descriptors of sockets that this process has. */
function sockets(): number {
	return readdirSync('/proc/self/fd').filter((name) => {
		try {
			return readlinkSync(`/proc/self/fd/${name}`).startsWith('socket:');
		} catch {
			return false; // that of the directory itself
		}
	}).length;
}

/** Two ports of a real bridge; frames from one to the other, read at the bridge. */
export default async function listening() {
	ip('link', 'add', 'br0', 'type', 'bridge');
	for (const end of ['a', 'b']) {
		ip('link', 'add', `${end}0`, 'type', 'veth', 'peer', 'name', `${end}1`);
		ip('link', 'set', `${end}1`, 'master', 'br0');
		for (const device of [`${end}0`, `${end}1`]) ip('link', 'set', device, 'up');
	}
	ip('link', 'set', 'br0', 'up');
	const sender = createSession('a0', { filter: 'ether proto 0x88b5', promiscuous: false });
	const router = createSession('br0', { filter: 'ether proto 0x88b5', promiscuous: false });
	const before = sockets();
	const heard: number[] = [];
	const source = new FrameSource({
		open: loadPcap().open,
		log: silentLog,
		device: 'br0',
		filter: 'arp',
		snapBytes: 64,
		bufferBytes: 1024 * 1024,
		framesPerTurnMax: PER_TURN,
		isPromiscuous: true,
		isInboundOnly: true,
		onFrame: ({ bytes }) => heard.push(bytes.length),
	});
	source.turn(0);
	sender.inject(FRAME);
	await delay(250);
	source.turn(100);
	const one = heard.length;
	router.inject(FRAME);
	await delay(250);
	source.turn(150);
	const ownFrames = heard.length - one;
	for (let index = 0; index < FLOOD; index++) sender.inject(FRAME);
	await delay(250);
	source.turn(200);
	const flood = { frames: heard.length - one, floods: source.figures.floods, sockets: sockets() - before };
	source.turn(2000);
	sender.inject(FRAME);
	await delay(250);
	source.turn(2100);
	const afterwards = heard.length - one - flood.frames;
	ip('link', 'delete', 'br0');
	await delay(50);
	source.turn(2200);
	const gone = source.problem;
	source.stop();
	for (const session of [sender, router]) session.close();
	return { one, ownFrames, lengths: [...new Set(heard)], flood, afterwards, gone };
}
