import type { Signature } from '../../../agent/tether/signature.ts';
import { type Ends, ipPacket, synSegment } from './ip-packet.ts';

/** What a signature leaves open. */
const MSS_DEFAULT = { ipv4: 1460, ipv6: 1440 };
const SCALE_DEFAULT = 7;
const WINDOW_DEFAULT = 29_200;
const TIMESTAMP = [0x00, 0x10, 0x20, 0x30];

/** The SYN that a system with that signature sends, from its line in the database: also what the agent's reader passes over. */
export function signatureSyn(
	{ text, start }: Pick<Signature, 'text' | 'start'>,
	{ ends, sourcePort, destinationPort }: { ends: Ends; sourcePort: number; destinationPort: number },
): Buffer {
	const [, , , mssText = '*', windowAndScale = '*,*', layout = '', quirks = ''] = text.split(':');
	const [windowText = '*', scaleText = '*'] = windowAndScale.split(',');
	const isIpv6 = ends.source.includes(':');
	const mss = mssText === '*' ? MSS_DEFAULT[isIpv6 ? 'ipv6' : 'ipv4'] : Number(mssText);
	const scale = scaleText === '*' ? SCALE_DEFAULT : Number(scaleText);
	const options = layout.split(',').flatMap((word) => optionBytes(word, { mss, scale }));
	const segment = synSegment({
		sourcePort,
		destinationPort,
		window: windowOf(windowText, mss, isIpv6),
		options: Buffer.from(options),
	});
	const dontFragment = quirks.split(',').includes('df');
	return ipPacket({ ...ends, hopLimit: start, dontFragment }, segment);
}

function optionBytes(word: string, { mss, scale }: { mss: number; scale: number }): number[] {
	if (word.startsWith('eol')) return new Array<number>(1 + Number(word.split('+')[1] ?? 0)).fill(0);
	switch (word) {
		case 'nop':
			return [1];
		case 'mss':
			return [2, 4, mss >> 8, mss & 0xff];
		case 'ws':
			return [3, 3, scale];
		case 'sok':
			return [4, 2];
		case 'ts':
			return [8, 10, ...TIMESTAMP, 0, 0, 0, 0];
		case '':
			return [];
		default:
			throw new Error(`no bytes are known for ${word}`);
	}
}

function windowOf(text: string, mss: number, isIpv6: boolean): number {
	const [unit, factor] = text.split('*');
	if (unit === 'mss') return Number(factor) * mss;
	if (unit === 'mtu') return Number(factor) * (mss + (isIpv6 ? 60 : 40));
	return text === '*' ? WINDOW_DEFAULT : Number(text);
}
