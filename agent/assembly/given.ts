import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';

/** What the agent is given by whoever runs it. */
export type AgentGiven = {
	readonly config: Config;
	readonly version: string;
	readonly clock: Clock;
	readonly log: Log;
};
