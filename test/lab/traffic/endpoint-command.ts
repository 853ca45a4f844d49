import type { FlowOrder } from './flow-request.ts';

/** What an endpoint process is told, one object a line; it answers with the same `request` number. */
export type EndpointCommand = { request: number } & (
	| { command: 'start'; order: FlowOrder }
	| { command: 'stop'; id: number }
	| { command: 'hold'; id: number; atBytes?: number }
	| { command: 'report' }
);

/** The same without its number: what the lab writes. */
export type EndpointOrder =
	| { command: 'start'; order: FlowOrder }
	| { command: 'stop'; id: number }
	| { command: 'hold'; id: number; atBytes?: number }
	| { command: 'report' };
