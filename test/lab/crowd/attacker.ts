import { execFileSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createSession } from 'pcap';
import { checkSymbol, SYMBOLS } from '../../../agent/voucher/alphabet.ts';
import { encodeQuestion, TYPE } from '../dns/message.ts';
import { arpReply, arpRequest, ethernetFrame } from '../frames/ethernet.ts';
import { ipPacket, udpSegment } from '../frames/ip-packet.ts';
import { getText, HttpClient, postText } from '../portal/http-client.ts';
import { ROUTER_LAN_IPV4, ROUTER_LAN_IPV6, ROUTER_LAN_MAC } from '../topology.ts';
import type { CrowdOrder } from './order.ts';

/** `attacker.js ORDER`: see {@link CrowdOrder}. Runs until it is killed. */

const DEVICE = 'eth0';
const PORT = 2050;
const WRONG_CODES = 6;
/** Nobody's. */
const ASKER_IPV4 = '10.77.31.1';
/** Frames of one turn: far fewer than a veth's queue of 1,000 holds. */
const TURN_MS = 50;
const AGAIN_MS = 200;
const ARRIVES_MS = 20;

const order = JSON.parse(process.argv[2] as string) as CrowdOrder;
switch (order.crowd) {
	case 'codes':
		await guess(order);
		break;
	case 'half-open':
		await halfOpen(order);
		break;
	case 'held':
		await hold(order);
		break;
	case 'frames':
		await flood(order);
		break;
}

function isUnderWay(): void {
	process.stdout.write('ready\n');
}

async function guess({ page, stations }: CrowdOrder & { crowd: 'codes' }): Promise<void> {
	for (let station = 0; ; station++) {
		const localAddress = becomeAnother(station);
		for (let count = 0; count < WRONG_CODES; count++) await guessOnce(localAddress, page);
		if (station + 1 === stations) isUnderWay();
	}
}

async function guessOnce(localAddress: string, page: '/redeem' | '/join'): Promise<void> {
	const client = await HttpClient.open({ host: ROUTER_LAN_IPV4, port: PORT, localAddress });
	client.write(getText(page, ROUTER_LAN_IPV4));
	const token = /name="token" value="([^"]+)"/.exec((await client.answer()).body)?.[1];
	if (token !== undefined) {
		const code = page === '/join' ? String(randomInt(1_000_000)).padStart(6, '0') : wrongCode();
		client.write(postText(page, ROUTER_LAN_IPV4, { token, code }));
		await client.answer();
	}
	client.stop();
}

/** Well-formed, so that it has to be looked up. */
function wrongCode(): string {
	const text = `Z${[...randomBytes(8)].map((byte) => SYMBOLS.letters[byte % 32]).join('')}`;
	return text + checkSymbol('letters', text);
}

async function halfOpen({ addresses, each }: CrowdOrder & { crowd: 'half-open' }): Promise<void> {
	let opened = 0;
	for (const localAddress of addresses) {
		for (let count = 0; count < each; count++) {
			void keepHalfOpen(localAddress, () => {
				opened += 1;
				if (opened === addresses.length * each) isUnderWay();
			});
		}
	}
	await new Promise(() => undefined);
}

/** Opens it anew whenever it is cut. */
async function keepHalfOpen(localAddress: string, onFirst: () => void): Promise<void> {
	for (let isFirst = true; ; isFirst = false) {
		const client = await HttpClient.open({ host: ROUTER_LAN_IPV6, port: PORT, localAddress });
		client.write(`GET / HTTP/1.1\r\nHost: [${ROUTER_LAN_IPV6}]\r\nX-Slow: `);
		if (isFirst) onFirst();
		await client.closed();
		await delay(AGAIN_MS);
	}
}

/** Whoever has become another no longer answers for its connections: they stay as they are. */
async function hold({ path, stations, each, isWhole }: CrowdOrder & { crowd: 'held' }): Promise<void> {
	for (let station = 0; ; station++) {
		const localAddress = becomeAnother(station);
		for (let count = 0; count < each; count++) {
			const client = await HttpClient.open({ host: ROUTER_LAN_IPV4, port: PORT, localAddress });
			client.write(
				isWhole ? getText(path, ROUTER_LAN_IPV4) : `GET ${path} HTTP/1.1\r\nHost: ${ROUTER_LAN_IPV4}\r\nX-Slow: `,
			);
			// Long enough for the request to arrive before the address is another one.
			await delay(isWhole ? ARRIVES_MS : 0);
		}
		if (station + 1 === stations) isUnderWay();
	}
}

async function flood({ what, perSecond, stations }: CrowdOrder & { crowd: 'frames' }): Promise<void> {
	const session = createSession(DEVICE, { filter: 'ether proto 0x88b5', promiscuous: false });
	const began = performance.now();
	for (let sent = 0; ; ) {
		const due = Math.floor(((performance.now() - began) * perSecond) / 1000);
		for (const end = Math.min(due, sent + perSecond / 10); sent < end; sent++) session.inject(frameOf(what, sent));
		// Once round, and everything that there is room for is taken.
		if (stations > 0 && sent >= stations) {
			isUnderWay();
			stations = 0;
		}
		await delay(TURN_MS);
	}
}

function frameOf(what: (CrowdOrder & { crowd: 'frames' })['what'], number: number): Buffer {
	const source = madeUpMac(number);
	const address = `10.77.${128 + ((number >> 8) & 0x7f)}.${number & 0xff}`;
	if (what === 'neighbours') {
		return arpRequest({ source, from: address, address: ROUTER_LAN_IPV4 });
	}
	if (what === 'claims') {
		const victim = { address: ROUTER_LAN_IPV4, askedBy: '10.77.1.1' };
		// Told to the router alone: whom others believe is not what is tried here.
		return arpReply({ source, destination: ROUTER_LAN_MAC, mac: source, ...victim });
	}
	const question = encodeQuestion({
		id: number & 0xffff,
		name: `host${1 + (number % 200)}.cdn.lab.example`,
		type: TYPE.A,
		isExtended: false,
	});
	// From one address, so that the router looks for no other: what is counted is the hardware address.
	const ends = { source: ASKER_IPV4, destination: ROUTER_LAN_IPV4 };
	const udp = udpSegment({ sourcePort: 1024 + (number % 60_000), destinationPort: 53 }, question);
	return ethernetFrame({ source, destination: ROUTER_LAN_MAC }, ipPacket({ ...ends, hopLimit: 64 }, udp));
}

/** A new hardware address and a new address: a station that was never there. */
function becomeAnother(number: number): string {
	// Another attacker's addresses are remembered with its hardware addresses.
	const address = `10.77.${32 + ((process.pid + (number >> 8)) % 90)}.${number & 0xff}`;
	const lines = [`link set ${DEVICE} address ${madeUpMac(number)}`, `address replace ${address}/16 dev ${DEVICE}`];
	execFileSync('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n` });
	return address;
}

function madeUpMac(number: number): string {
	const text = (number & 0xff_ffff).toString(16).padStart(6, '0');
	return `02:77:${process.pid.toString(16).slice(-2).padStart(2, '0')}:${text.slice(0, 2)}:${text.slice(2, 4)}:${text.slice(4)}`;
}
