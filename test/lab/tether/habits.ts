import type { Signature } from '../../../agent/tether/signature.ts';
import type { Random } from '../random.ts';
import type { Step } from './case.ts';

/** Of the phone before anybody joins its hotspot. */
const STEPS_ALONE = 4;
/** A laptop opens as many in its first minute. */
const STEPS_TOGETHER = 48;

/** Fingerprints as these systems ask. */
export const DHCP = {
	android: { vendorClass: 'android-dhcp-14', parameters: [1, 3, 6, 15, 26, 28, 51, 58, 59, 43, 114, 108] },
	apple: { parameters: [1, 121, 3, 6, 15, 108, 114, 119, 252] },
	windows: { vendorClass: 'MSFT 5.0', parameters: [1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252] },
	linux: { vendorClass: 'dhcpcd-9.4.1:Linux', parameters: [1, 121, 33, 3, 6, 12, 15, 26, 28, 42, 51, 54, 58, 59, 119] },
	playstation: { vendorClass: 'PS5', parameters: [1, 3, 15, 6] },
	xbox: { vendorClass: 'XBOX 1.0', parameters: [1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 121, 249] },
} as const;
/** The connectivity checks of these systems. */
export const CHECKS: Partial<Record<Signature['system'], string>> = {
	android: 'connectivitycheck.gstatic.com',
	linux: 'nmcheck.gnome.org',
	windows: 'www.msftconnecttest.com',
	apple: 'captive.apple.com',
};

type Checks = { phoneCheck: string | undefined; behindCheck: string | undefined; hasBehind: boolean };

/** Six in ten are TCP, a quarter says nothing by itself (QUIC, games), the rest are names. */
export function steps(random: Random, { phoneCheck, behindCheck, hasBehind }: Checks): Step[] {
	const flow = (from: Step['from']): Step => {
		const draw = random.between(1, 100);
		if (draw <= 60) return { from, kind: 'tcp' };
		if (draw <= 85) return { from, kind: 'datagram' };
		return { from, kind: 'name', name: `www${random.between(1, 999)}.example.org` };
	};
	const check = (from: Step['from'], name: string | undefined): Step[] =>
		name === undefined ? [] : [{ from, kind: 'name', name }];
	const alone = Array.from({ length: STEPS_ALONE }, () => flow('phone'));
	const together = Array.from({ length: STEPS_TOGETHER }, () => {
		return flow(hasBehind && random.between(0, 1) === 1 ? 'behind' : 'phone');
	});
	const half = together.length / 2;
	return [
		...check('phone', phoneCheck),
		{ from: 'phone', kind: 'tcp' },
		...alone,
		...check('behind', behindCheck),
		...together.slice(0, half),
		...check('behind', behindCheck),
		...together.slice(half),
	];
}
