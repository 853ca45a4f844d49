import { createInterface } from 'node:readline';
import type { AgentHandle } from '../agent-handle.ts';
import { compare } from '../comparison.ts';
import type { Flow } from '../flow.ts';
import { type Lab, withLab } from '../lab.ts';
import { inPrivateNamespaces } from '../namespace/private-namespaces.ts';
import { BrokerWay } from './broker-way.ts';
import type { RoomAnswer, RoomCommand, RoomReading } from './room-command.ts';

/** One access point of many: a lab of its own, in namespaces of its own, that does what it is told on stdin. */
class Room {
	readonly #lab: Lab;
	#agent: AgentHandle | undefined;
	#uplink: BrokerWay | undefined;
	#socket = '';
	#flows: Flow[] = [];

	constructor(lab: Lab) {
		this.#lab = lab;
	}

	async do(command: RoomCommand): Promise<RoomReading | undefined> {
		const station = this.#lab.station(1);
		switch (command.command) {
			case 'agent': {
				this.#socket = command.brokerSocket;
				const { url } = await this.#raiseUplink();
				this.#agent = await this.#lab.startAgent({
					grant: { bytesMin: 131_072, bytesMax: 524_288, seconds: 2 },
					carrier: {
						url,
						accessPoint: command.accessPoint,
						keys: [command.key],
						reportSeconds: 1,
						keepAliveSeconds: 5,
					},
				});
				return undefined;
			}
			case 'attach':
				await this.#the.ask('station.attach', { mac: station.mac, account: command.account });
				return undefined;
			case 'admit':
				await this.#the.admit(command.account, command.plan, [station.mac]);
				return undefined;
			case 'detach':
				await this.#the.ask('station.detach', { mac: station.mac });
				return undefined;
			case 'download':
			case 'upload':
				this.#flows.push(
					await this.#lab.flow(station, {
						protocol: 'udp',
						direction: command.command === 'upload' ? 'up' : 'down',
						bitsPerSecond: command.bitsPerSecond,
						holdAtBytes: command.holdAtBytes,
					}),
				);
				return undefined;
			case 'hold':
				for (const flow of this.#flows) await flow.hold(command.atBytes);
				return undefined;
			case 'halt':
				for (const flow of this.#flows.splice(0)) await flow.stop();
				return undefined;
			case 'uplink':
				if (command.isUp) await this.#raiseUplink();
				else this.#uplink?.close();
				return undefined;
			case 'read':
				return {
					...(await this.#read()),
					...(command.withLosses && { lostPackets: await this.#lab.witness.lossesAfterMeter() }),
				};
			case 'finish': {
				const rows = await compare(this.#lab, this.#the);
				const difference = rows.reduce((sum, row) => sum + Math.abs(row.chargedBytes - row.countedBytes), 0);
				if (difference !== 0) throw new Error(`the ledger differs from the count by ${difference} bytes`);
				await this.#the.verifyLedger();
				return undefined;
			}
		}
	}

	async #read(): Promise<RoomReading> {
		const [counted] = await this.#lab.witness.read();
		const rows = await this.#the.stations();
		const status = await this.#the.ask<{ connected?: boolean; backlog: Record<string, number> }>('carrier.status');
		const { up, down } = counted as { up: number; down: number };
		return {
			deliveredBytes: up + down,
			upBytes: up,
			downBytes: down,
			waits: Object.values(status.backlog).reduce((sum, count) => sum + count, 0),
			state: rows.find(({ mac }) => mac === this.#lab.station(1).mac)?.state ?? 'unknown',
			isConnected: status.connected === true,
		};
	}

	async #raiseUplink(): Promise<BrokerWay> {
		this.#uplink = await BrokerWay.open(this.#socket, this.#lab.router);
		return this.#uplink;
	}

	get #the(): AgentHandle {
		if (this.#agent === undefined) throw new Error('there is no agent yet');
		return this.#agent;
	}
}

function answer(text: RoomAnswer): void {
	process.stdout.write(`${JSON.stringify(text)}\n`);
}

await inPrivateNamespaces(async () => {
	return await withLab({ stations: 1, addressing: 'static' }, async (lab) => {
		const room = new Room(lab);
		answer({ ok: true });
		for await (const line of createInterface({ input: process.stdin })) {
			try {
				const reading = await room.do(JSON.parse(line) as RoomCommand);
				answer(reading === undefined ? { ok: true } : { ok: true, reading });
			} catch (error) {
				answer({ ok: false, problem: (error as Error).stack ?? String(error) });
			}
		}
		return 0;
	});
});
