/**
 * `must`: without it nothing is metered as it should be; `should`: something that is configured works worse; `optional`: only what is
 * not configured needs it.
 */
export type Grade = 'must' | 'should' | 'optional';

/** One thing that the kernel or the system must (or should) have, and what brings it. */
export type Feature = {
	readonly name: string;
	readonly ok: boolean;
	readonly grade: Grade;
	readonly detail: string;
	readonly fix: string;
};

export type Probe = Pick<Feature, 'name' | 'grade' | 'fix'> & { run(): Promise<string> };
