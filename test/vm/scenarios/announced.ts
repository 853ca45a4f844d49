import { hasNativeQueue } from '../../../agent/dataplane/queue-mode.ts';
import { announced as announcedInTheLab } from '../../lab/scenarios/announced.ts';
import type { VmScenario } from '../vm-scenario.ts';

/** The lab's scenario where the kernel has the native queue, which the agent then uses. */
export const announced: VmScenario = {
	...announcedInTheLab,
	radios: 0,
	figures: {
		...announcedInTheLab.figures,
		native_queue: { title: '1: the kernel has the native queue', bound: { equals: 1 } },
	},
	async run(options) {
		const figures = await announcedInTheLab.run(options);
		return { ...figures, native_queue: (await hasNativeQueue()) ? 1 : 0 };
	},
};
