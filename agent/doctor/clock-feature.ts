import type { Config } from '../config/config.ts';
import { isWallClockSynchronised } from '../netlink/kernel-time.ts';
import type { Feature } from './feature.ts';

/** For the doctor: whether the date is known, and by what. */
export function probeClock(config: Config | undefined, isSynchronised = isWallClockSynchronised()): readonly Feature[] {
	const isBattery = config?.clock.believe === 'battery';
	return [
		{
			name: 'the date',
			ok: isSynchronised || isBattery,
			grade: 'should',
			detail: isSynchronised
				? 'a time server has set the clock'
				: isBattery
					? 'no time server has set the clock; the configuration says that its battery keeps it right'
					: 'no time server has set the clock: what is sold lasts longer by the time that the router is off',
			fix: 'let a time server (NTP) set the clock; OpenWrt: service sysntpd enable; service sysntpd start',
		},
	];
}
