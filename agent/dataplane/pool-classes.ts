import { type ClassRates, classOf, RATE_UNLIMITED } from '../shaping/class-rate.ts';
import type { PoolMirror } from './mirror.ts';
import type { PoolId } from './names.ts';

/** What the gate needs of the shaper. It never fails: without queues the limits hold the rates alone. */
export type Shaping = {
	want(classId: number, rates: ClassRates | undefined): void;
	wantOnly(classes: ReadonlyMap<number, ClassRates>): void;
	settled(): Promise<void>;
};

/** Tells the shaper which queues a pool has now. */
export function wantClasses(shaping: Shaping, pool: PoolId, mirror: PoolMirror | undefined): void {
	for (const [id, rates] of classesOf(pool, mirror)) shaping.want(id, rates);
}

/** The same of all pools that there are; no other has any. */
export function wantAllClasses(shaping: Shaping, pools: ReadonlyMap<PoolId, PoolMirror>): void {
	const classes = new Map<number, ClassRates>();
	for (const [pool, mirror] of pools) {
		for (const [id, rates] of classesOf(pool, mirror)) if (rates) classes.set(id, rates);
	}
	shaping.wantOnly(classes);
}

function classesOf(pool: PoolId, mirror: PoolMirror | undefined): [number, ClassRates | undefined][] {
	return [
		[classOf('slow', pool), ratesOf(mirror?.slowup, mirror?.slowdown)],
		[classOf('pace', pool), ratesOf(mirror?.paceup, mirror?.pacedown)],
		[classOf('tether', pool), ratesOf(mirror?.tetherup, mirror?.tetherdown)],
		[classOf('own', pool), ratesOf(mirror?.ownup, mirror?.owndown)],
	];
}

function ratesOf(up: number | undefined, down: number | undefined): ClassRates | undefined {
	const limited = (rate: number | undefined) => rate !== undefined && rate < RATE_UNLIMITED;
	if (!limited(up) && !limited(down)) return undefined;
	return { ...(limited(up) ? { up: up as number } : {}), ...(limited(down) ? { down: down as number } : {}) };
}
