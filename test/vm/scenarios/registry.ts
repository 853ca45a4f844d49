import type { VmScenario } from '../vm-scenario.ts';
import { announced } from './announced.ts';
import { features } from './features.ts';
import { offload } from './offload.ts';
import { queue } from './queue.ts';
import { shaping } from './shaping.ts';
import { wifi } from './wifi.ts';

/** Every scenario, in the order of the list that `npm run vm` prints. */
export const SCENARIOS: readonly VmScenario[] = [wifi, queue, shaping, offload, announced, features];
