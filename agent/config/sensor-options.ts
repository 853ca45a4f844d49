import { yesOrNo } from '../core/value-rule.ts';
import type { Option } from './option.ts';
import { absolutePath } from './value-rules.ts';

/** What is heard on the metered devices beside the traffic that is forwarded. */
export const SENSOR_OPTIONS: readonly Option[] = [
	{
		path: 'sensor.enabled',
		title: 'Listen on the metered devices: who claims which address, which systems there are',
		default: true,
		rule: yesOrNo,
		needsRestart: true,
		caution:
			'Off: nobody is told when a station claims the address of the router or of another station, and tethering is recognised by fewer signs. `octroi capture` works all the same. On: about 0.1 µs for each uploaded packet, 0.3 with `tethered.detect`; none for downloaded ones.',
	},
	{
		path: 'sensor.signatures',
		title: "Database of TCP signatures in p0f's format, beside our own small one",
		default: '/etc/p0f/p0f.fp',
		rule: absolutePath,
		needsRestart: true,
		caution: 'If it is not there, old systems have no name in the evidence; they are told apart all the same.',
	},
];
