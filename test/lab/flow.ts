import type { Station } from './station.ts';
import type { EndpointProcess } from './traffic/endpoint-process.ts';
import type { FlowOrder, FlowReport } from './traffic/flow-request.ts';
import { until } from './until.ts';

const POLL_INTERVAL_MS = 50;
/** Datagrams that are still on their way have arrived after this; every queue of the lab holds less. */
const SETTLE_MS = 150;

/** What both ends say of one flow. */
export type FlowProgress = {
	/** Payload bytes that the receiving application got. */
	receivedBytes: number;
	sentBytes: number;
	/** CLOCK_MONOTONIC of the last payload byte at the receiver. */
	lastByteAtMs: number | undefined;
	client: FlowReport | undefined;
	server: FlowReport | undefined;
};

/** Who begins a flow. */
export type FlowClient = Pick<Station, 'name' | 'mac' | 'endpoint'>;

/** One TCP connection or one UDP stream between a station and a server. */
export class Flow {
	readonly order: FlowOrder;
	readonly station: FlowClient;
	readonly #server: EndpointProcess;

	constructor(station: FlowClient, server: EndpointProcess, order: FlowOrder) {
		this.station = station;
		this.order = order;
		this.#server = server;
	}

	async start(): Promise<this> {
		await this.station.endpoint.order({ command: 'start', order: this.order });
		return this;
	}

	async progress(): Promise<FlowProgress> {
		const { id, direction } = this.order;
		const [client, server] = await Promise.all([this.station.endpoint.report(id), this.#server.report(id)]);
		const [sender, receiver] = direction === 'up' ? [client, server] : [server, client];
		return {
			receivedBytes: receiver?.receivedBytes ?? 0,
			sentBytes: sender?.sentBytes ?? 0,
			lastByteAtMs: receiver?.lastByteAtMs,
			client,
			server,
		};
	}

	/** Resolves when the sender has sent all and the receiver's connection is closed (TCP) or quiet (UDP), or when it failed. */
	async ended(timeoutMs: number): Promise<FlowProgress> {
		const isOver = (report: FlowReport | undefined) =>
			report !== undefined && report.state !== 'connecting' && report.state !== 'open';
		await until(
			`flow ${this.order.id} of ${this.station.name} to end`,
			timeoutMs,
			async () => {
				const { client, server } = await this.progress();
				return this.order.protocol === 'tcp' ? isOver(client) : isOver(this.order.direction === 'up' ? client : server);
			},
			POLL_INTERVAL_MS,
		);
		if (this.order.protocol === 'udp') await this.stalled(SETTLE_MS, timeoutMs);
		return await this.progress();
	}

	/**
	 * Resolves when the receiver has got nothing new for `quietMs`, and also when it has never got anything for so long. On a busy
	 * machine silence says nothing as long as nobody could speak: both ends must have answered as often as a quiet machine asks them
	 * in that time, each time after their turn to send and to receive. Throws `lab_figure_missed` when it does not end.
	 */
	async stalled(quietMs: number, timeoutMs: number): Promise<FlowProgress> {
		const looksMin = Math.ceil(quietMs / POLL_INTERVAL_MS);
		let last = await this.progress();
		let lastChange = performance.now();
		let looks = 0;
		const isQuiet = async () => {
			const now = await this.progress();
			looks += 1;
			if (now.receivedBytes !== last.receivedBytes) [lastChange, looks] = [performance.now(), 0];
			last = now;
			return looks >= looksMin && performance.now() - lastChange >= quietMs;
		};
		await until(`flow ${this.order.id} of ${this.station.name} to stand still`, timeoutMs, isQuiet, POLL_INTERVAL_MS);
		return last;
	}

	/** Its sender may send so many payload bytes in all, and then waits; without a bound it goes on. */
	async hold(atBytes?: number): Promise<void> {
		const { id, direction } = this.order;
		const sender = direction === 'up' ? this.station.endpoint : this.#server;
		await sender.order({ command: 'hold', id, ...(atBytes === undefined ? {} : { atBytes }) });
	}

	/** Ends it at both ends, by the lab and not by the network: the path between them may be shut. */
	async stop(): Promise<void> {
		const { id } = this.order;
		await Promise.all([
			this.station.endpoint.order({ command: 'stop', id }),
			this.#server.order({ command: 'stop', id }),
		]);
	}
}
