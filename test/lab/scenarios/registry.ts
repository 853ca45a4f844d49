import type { Scenario } from '../scenario.ts';
import { hold } from './hold.ts';
import { witness } from './witness.ts';

/** Every scenario, in the order of the list that `npm run lab` prints. */
export const SCENARIOS: readonly Scenario[] = [witness, hold];
