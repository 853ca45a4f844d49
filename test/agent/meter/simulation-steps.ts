/** What happens in a simulated venue, and how often beside everything else. */
export const STEPS = {
	traffic: 30,
	time: 14,
	attach: 8,
	detach: 5,
	topUpBytes: 6,
	topUpSeconds: 3,
	block: 1,
	unblock: 2,
	burst: 5,
	lateness: 2,
	kill: 1,
	powerCut: 0.3,
	removeTable: 0.3,
	removeCounters: 0.2,
	faults: 0.6,
	loseEvents: 0.5,
	jumpWall: 0.1,
	progress: 3,
};
export type StepName = keyof typeof STEPS;
