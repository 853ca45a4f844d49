import type { MessageKey } from './messages/message.ts';
import type { SessionModel } from './models.ts';
import type { PageContext } from './page-context.ts';

const ENDS = {
	left: 'end_left',
	moved: 'end_moved',
	lost: 'end_lost',
	used_up: 'end_used_up',
	expired: 'end_expired',
	other: 'end_other',
} as const satisfies Record<string, MessageKey>;

/** When a session was: `start – end`. */
export function sessionTime({ t, format }: PageContext, { startWallMs, endWallMs }: SessionModel): string {
	return `${format.moment(startWallMs)} – ${endWallMs === undefined ? t('session_open') : format.moment(endWallMs)}`;
}

/** Why it ended; nothing while it has not. */
export function sessionEnd({ t }: PageContext, { end }: SessionModel): string | undefined {
	return end === undefined ? undefined : t(ENDS[end]);
}

/** What it used: bytes, charged time, money. */
export function sessionUse({ format }: PageContext, { bytes, seconds, costMicro }: SessionModel): string {
	return [
		format.bytes(bytes),
		...(seconds > 0 ? [format.duration(seconds)] : []),
		...(costMicro > 0 ? [format.price(costMicro)] : []),
	].join(' · ');
}
