import { systemClock } from '../../../agent/core/clock.ts';
import { silentLog } from '../../../agent/core/log.ts';
import type { AccountId, MacAddress } from '../../../agent/core/units.ts';
import { agentCommands } from '../../../agent/status/commands.ts';
import type { StatusPicture, TableChanges } from '../../../agent/status/snapshot.ts';
import { StatusServer } from '../../../agent/status/status-server.ts';
import { StatusStream } from '../../../agent/status/status-stream.ts';
import { fakeHandlers } from '../../agent/status/fake-handlers.ts';
import { exampleFigures } from './example-model.ts';

const account = 'room-1' as AccountId;

/** The guest house of the examples, as its agent streams it. */
export function examplePicture(change: Partial<StatusPicture> = {}): StatusPicture {
	const { counts, sold, uplink, carrier } = exampleFigures;
	return {
		agent: {
			version: '0.1.0',
			processId: 4242,
			startedAtMs: 0,
			upSeconds: 3900,
			devices: { metered: ['br-lan'], free: [] },
			epoch: '7',
			cpuPercent: 0.4,
			residentBytes: 70_000_000,
			lagMs: 1,
			sample: { count: 3900, lastDurationMs: 2, longestDurationMs: 11, lastCpuMs: 1 },
			readers: 1,
			readersDropped: 0,
		},
		counts,
		traffic: { upBytes: 1_234_567, downBytes: 9_876_543_210, upBytesPerSecond: 12_000, downBytesPerSecond: 6_250_000 },
		sold,
		plans: [],
		warnings: [],
		uplink,
		carrier,
		pairing: null,
		stations: [
			{
				mac: '02:00:5e:10:00:01' as MacAddress,
				name: 'phone\u001b[31m\u202e',
				addresses: ['192.0.2.10'],
				device: 'br-lan',
				state: 'active',
				reason: 'spends ten-mb',
				account,
				upBytes: 1023,
				downBytes: 5_767_168,
				upBytesPerSecond: 0,
				downBytesPerSecond: 6_250_000,
			},
		],
		accounts: [
			{
				account,
				blocked: false,
				byte: 4_717_592,
				byteBought: 10_485_760,
				second: 0,
				secondBought: 0,
				stations: 1,
				grants: [],
			},
		],
		transfers: [],
		...change,
	};
}

/** A real status server with a picture that the test changes. */
export class FakeAgent {
	picture: StatusPicture;
	readonly #server: StatusServer;
	#told = new Set<string>();

	constructor(options: { directory: string; picture: StatusPicture; intervalMs: number }) {
		const { directory, picture, intervalMs } = options;
		const clock = systemClock();
		this.picture = picture;
		this.#server = new StatusServer({
			commands: agentCommands(fakeHandlers([])),
			stream: new StatusStream({
				source: { picture: () => ({ picture: this.picture, tables: this.#tables() }), rest: () => undefined },
				intervalMs,
				clock,
				log: silentLog,
			}),
			control: `${directory}/control.sock`,
			status: `${directory}/status.sock`,
			clock,
			log: silentLog,
		});
	}

	/** All rows as if they had changed, and those that went. */
	#tables(): TableChanges {
		const { stations, accounts } = this.picture;
		const [before, now] = [
			this.#told,
			new Set<string>([...stations.map(({ mac }) => mac), ...accounts.map(({ account }) => account)]),
		];
		this.#told = now;
		return {
			stations: { set: stations, gone: [...before].filter((name) => !now.has(name)) as MacAddress[] },
			accounts: { set: accounts, gone: [...before].filter((name) => !now.has(name)) as AccountId[] },
		};
	}

	start(): Promise<void> {
		return this.#server.start();
	}

	stop(): Promise<void> {
		return this.#server.stop();
	}
}
