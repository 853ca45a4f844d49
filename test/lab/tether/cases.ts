import type { Signature } from '../../../agent/tether/signature.ts';
import { Random } from '../random.ts';
import type { Case, Machine } from './case.ts';
import { CHECKS, DHCP, steps } from './habits.ts';
import { oddCases } from './odd-cases.ts';
import { splitSignatures } from './signature-split.ts';

const SEED = 20_261_120;
/** This machine's kernel, in a namespace of the phone: an Android phone opens its connections so. */
const REAL: Machine = { name: 'Linux (real)' };
const IPHONE: Machine = {
	name: 'iPhone',
	signature: { text: '*:64:0:*:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df,id+:0', start: 64 },
};

type Labelled = Signature & { heldOut: boolean };

/** The labelled set: the same one each time. */
export function makeCases(isShort: boolean): Case[] {
	const random = new Random(SEED);
	const { known, heldOut } = splitSignatures();
	const all: Labelled[] = [
		...known.map((signature) => ({ ...signature, heldOut: false })),
		...heldOut.map((signature) => ({ ...signature, heldOut: true })),
	];
	const cases: Case[] = [];
	for (const [index, signature] of all.entries()) {
		for (const family of ['ipv4', 'ipv6'] as const) {
			if (signature.version !== undefined && (family === 'ipv6') === (signature.version === 4)) continue;
			cases.push(tethering({ signature, family, rewrites: false, withDhcp: index % 3 !== 0 }, random));
			cases.push(tethering({ signature, family, rewrites: true, withDhcp: index % 3 !== 0 }, random));
			cases.push(alone(signature, family, random));
		}
	}
	for (const family of ['ipv4', 'ipv6'] as const) {
		for (const rewrites of [false, true]) cases.push(...realBehind(family, rewrites, random));
	}
	for (const family of ['ipv4', 'ipv6'] as const) cases.push(...realAlone(family, random));
	cases.push(...oddCases(random));
	return isShort ? cases.filter((_, index) => index % 4 === 0) : cases;
}

type TetherDetection = { signature: Labelled; family: 'ipv4' | 'ipv6'; rewrites: boolean; withDhcp: boolean };

function tethering({ signature, family, rewrites, withDhcp }: TetherDetection, random: Random): Case {
	// Another system than the phone's own, where hop limits say nothing.
	const phone = signature.system === 'linux' ? IPHONE : REAL;
	const behind = { name: signature.label, signature };
	return {
		group: rewrites ? 'rewritten, another system' : 'plain',
		title: `${phone.name}, behind it ${signature.label} (${signature.text})`,
		family,
		...(withDhcp ? { dhcp: phone === IPHONE ? DHCP.apple : DHCP.android } : {}),
		phone,
		behind,
		rewrites,
		heldOut: signature.heldOut,
		steps: steps(random, {
			phoneCheck: phone === IPHONE ? CHECKS.apple : CHECKS.android,
			behindCheck: random.between(0, 1) === 1 ? CHECKS[signature.system] : undefined,
			hasBehind: true,
		}),
	};
}

/** One real stack behind another: in the clear, and where only hop limits could have told. */
function realBehind(family: 'ipv4' | 'ipv6', rewrites: boolean, random: Random): Case[] {
	return Array.from({ length: 16 }, (_, index) => {
		const phone = index % 2 === 0 ? REAL : IPHONE;
		return {
			group: !rewrites ? 'plain' : phone === REAL ? 'rewritten, same system' : 'rewritten, another system',
			title: `${phone.name}, behind it Linux (real)`,
			family,
			...(index % 4 < 2 ? { dhcp: phone === IPHONE ? DHCP.apple : DHCP.android } : {}),
			phone,
			behind: REAL,
			rewrites,
			heldOut: false,
			steps: steps(random, {
				phoneCheck: phone === IPHONE ? CHECKS.apple : CHECKS.android,
				behindCheck: index % 4 === 0 ? CHECKS.linux : undefined,
				hasBehind: true,
			}),
		} satisfies Case;
	});
}

/** A real stack by itself; the stations' kernels have different parameters. */
function realAlone(family: 'ipv4' | 'ipv6', random: Random): Case[] {
	return Array.from({ length: 16 }, (_, index) => ({
		group: 'one system',
		title: REAL.name,
		family,
		...(index % 3 === 0 ? {} : { dhcp: DHCP.android }),
		phone: REAL,
		rewrites: false,
		heldOut: false,
		steps: steps(random, { phoneCheck: CHECKS.android, behindCheck: undefined, hasBehind: false }),
	}));
}

/** A station by itself, with the request for its address that its system sends, or unheard. */
function alone(signature: Labelled, family: 'ipv4' | 'ipv6', random: Random): Case {
	const dhcp = (DHCP as Record<string, Case['dhcp']>)[signature.system];
	return {
		group: 'one system',
		title: signature.label,
		family,
		...(dhcp === undefined || random.between(0, 2) === 0 ? {} : { dhcp }),
		phone: { name: signature.label, signature },
		rewrites: false,
		heldOut: signature.heldOut,
		steps: steps(random, { phoneCheck: CHECKS[signature.system], behindCheck: undefined, hasBehind: false }),
	};
}
