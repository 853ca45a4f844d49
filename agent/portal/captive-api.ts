import type { LiveModel } from '../../ui/portal/models.ts';
import { type Answer, json } from './answer.ts';

/** Announced by DHCP and router advertisements (RFC 8910); the part that prints the DHCP server's lines has the same path. */
export const CAPTIVE_API_PATH = '/api/captive-portal';

/** RFC 8908, section 5. Only ever over HTTPS (section 4.1). */
export function captiveAnswer(live: LiveModel, portal: string): Answer {
	const { state, remaining } = live;
	const answer = json(
		{
			captive: state === 'walled' || state === 'blocked',
			'user-portal-url': portal,
			'venue-info-url': portal,
			...(remaining?.unit === 'second' ? { 'seconds-remaining': remaining.amount } : {}),
			...(remaining?.unit === 'byte' ? { 'bytes-remaining': remaining.amount } : {}),
			'can-extend-session': state !== 'walled',
		},
		'application/captive+json',
	);
	return { ...answer, headers: { 'Cache-Control': 'private, no-store' } };
}
