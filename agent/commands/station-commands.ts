import { OctroiError } from '../core/octroi-error.ts';
import type { MacAddress } from '../core/units.ts';
import { detectionOff } from '../detection/tether-detection.ts';
import type { StationRows } from '../snapshot/station-rows.ts';
import type { CommandHandlers } from '../status/commands.ts';
import type { StationDetail } from '../status/protocol.ts';
import type { CommandParts } from './command-parts.ts';

type StationCommand = `station.${'list' | 'attach' | 'detach' | 'show' | 'pin'}`;

/** The commands about stations. */
export function stationCommands(parts: CommandParts, rows: StationRows): Pick<CommandHandlers, StationCommand> {
	const { meter, stations, line, tethering } = parts;
	const { classifier } = parts.lanMonitor;
	const seen = (mac: MacAddress): MacAddress => {
		const isKnown = stations.get(mac) !== undefined || meter.find(mac) !== undefined;
		if (isKnown || classifier.standing(mac).pinned !== undefined) return mac;
		throw new OctroiError('not_found', `no such station has been seen: ${mac}`, {
			fix: 'see `octroi station list`; many telephones have another hardware address in each network',
		});
	};
	const detail = (mac: MacAddress): StationDetail => {
		const { score, tethering: isTethering, pinned } = classifier.standing(mac);
		const pin = pinned === undefined ? {} : { pinned };
		const evidence = classifier.evidence(mac);
		return { ...rows.row(mac), tethering: { isJudged: tethering !== undefined, score, isTethering, ...pin, evidence } };
	};
	return {
		'station.list': () => rows.list(),
		async 'station.attach'({ mac, account, code }) {
			await line.findAccount(account, code);
			await meter.attach(mac, account);
			return rows.row(mac);
		},
		async 'station.detach'({ mac }) {
			await meter.detach(mac, 'detached');
			return rows.row(mac);
		},
		'station.show': ({ mac }) => detail(seen(mac)),
		async 'station.pin'({ mac, as }) {
			if (!tethering) throw detectionOff();
			await tethering.pin(mac, as === 'none' ? undefined : as);
			return detail(mac);
		},
	};
}
