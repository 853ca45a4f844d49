import type { Scenario } from '../lab/scenario.ts';

/** A scenario of the virtual machine: `run` is called in the guest, everything else is read on the host too. */
export type VmScenario = Scenario & {
	/** Simulated radios that must be there, phy0 and on. */
	radios: number;
};

/** What the host tells the guest, in `job.json`. */
export type Job = { scenario: string; seconds?: number; isShort: boolean };

/** What the guest leaves, in `result.json`. */
export type Result = { figures: Record<string, number>; failure?: string };

/** The writable share, as the guest sees it. */
export const EXCHANGE = '/run/exchange';
/** Files that the host may keep, inside of the exchange. */
export const ARTIFACTS = 'artifacts';

/** The guest's first line: the kernel is up and Node runs. */
export const NODE_IS_UP = 'node is up';
