import type { FuzzTarget } from '../fuzz-target.ts';
import { KERNEL } from './kernel.ts';
import { MESSAGES_BY_WIRE } from './messages.ts';
import { PACKETS } from './packets.ts';
import { REQUESTS } from './requests.ts';
import { TEXTS } from './texts.ts';

/** Every parser that takes a stranger's bytes. */
export const TARGETS: readonly FuzzTarget[] = [...PACKETS, ...KERNEL, ...TEXTS, ...MESSAGES_BY_WIRE, ...REQUESTS];
