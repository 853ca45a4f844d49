import { isIP } from 'node:net';
import { hostOf, isPublicAddress } from './public-address.ts';

const TOPIC_BYTES_MAX = 200;
/** Levels of plain characters, none of them empty: nothing that a broker, a bridge or a list of rights reads in another way. */
const TOPIC = /^[A-Za-z0-9._~:@=-]+(?:\/[A-Za-z0-9._~:@=-]+)*$/;
/** The first level of everything that access points believe, or report to. */
const OUR_ROOT = 'octroi';

/** Whether an MQTT topic may be told things: not one of ours, not one of the broker's (`$SYS`, `$share`), not many at once. */
export function isForeignTopic(topic: string): boolean {
	const [root = ''] = topic.split('/');
	return topic.length <= TOPIC_BYTES_MAX && TOPIC.test(topic) && root.toLowerCase() !== OUR_ROOT;
}

/**
 * Whether an address may be a webhook, as far as it says itself: http or https, without a name and a password, and not an address or a name
 * that is this machine or a private network. What a name means is looked at with each delivery.
 */
export function isWebhookAddress(address: string, privateHosts: readonly string[]): boolean {
	if (!URL.canParse(address)) return false;
	const url = new URL(address);
	if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return false;
	const host = hostOf(url);
	if (privateHosts.includes(host)) return true;
	if (isIP(host) !== 0) return isPublicAddress(host);
	return !/(?:^|\.)(?:localhost|local|internal|home\.arpa)\.?$/.test(host);
}
