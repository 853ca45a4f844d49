import { DOWN_BYTES_MAX, PROTOCOL_VERSION, UP_BYTES_MAX } from '../../protocol/limits.ts';
import type { JsonSchema, Shape } from '../../protocol/shape.ts';
import { MESSAGES } from './vectors.ts';

/** `protocol/asyncapi.json`, from the shapes and the topics. */
export function asyncApiDocument(): string {
	const document = {
		asyncapi: '3.0.0',
		info: {
			title: 'Octroi: an access point and its carrier',
			version: `${PROTOCOL_VERSION}.0.0`,
			description:
				'MQTT 3.1.1 or 5, QoS 1. Request ids, sequence numbers and expiry are in the payload. Messages down are JWS in compact form (EdDSA, Ed25519) whose payload is the envelope.',
		},
		defaultContentType: 'application/json',
		channels: Object.fromEntries(CHANNELS.map((channel) => [channel.name, channelOf(channel)])),
		operations: Object.fromEntries(CHANNELS.map((channel) => [channel.name, operationOf(channel)])),
		components: {
			messages: Object.fromEntries(CHANNELS.map((channel) => [channel.message, messageOf(channel)])),
			schemas: Object.fromEntries(Object.entries(MESSAGES).map(([name, { schema }]) => [name, schema])),
		},
	};
	return `${JSON.stringify(document, null, '\t')}\n`;
}

type Channel = { readonly name: string; readonly address: string; readonly message: string; readonly retain?: true };

const CHANNELS: readonly Channel[] = [
	{ name: 'usage', address: '{ap}/up/usage', message: 'usage' },
	{ name: 'event', address: '{ap}/up/event', message: 'event' },
	{ name: 'state', address: '{ap}/up/state', message: 'state', retain: true },
	{ name: 'reply', address: '{ap}/up/reply', message: 'reply' },
	{ name: 'policy', address: '{ap}/down/policy', message: 'policy', retain: true },
	{ name: 'policyForAll', address: 'all/down/policy', message: 'policy', retain: true },
	{ name: 'command', address: '{ap}/down/command', message: 'command' },
	{ name: 'grant', address: '{ap}/down/grant', message: 'grant' },
	{ name: 'ack', address: '{ap}/down/ack', message: 'ack' },
];

const isUp = ({ address }: Channel) => address.includes('/up/');

function channelOf({ address, message }: Channel): JsonSchema {
	return {
		address: `octroi/${PROTOCOL_VERSION}/${address}`,
		...(address.includes('{ap}') ? { parameters: { ap: { description: 'an access point' } } } : {}),
		messages: { [message]: { $ref: `#/components/messages/${message}` } },
	};
}

function operationOf(channel: Channel): JsonSchema {
	return {
		action: isUp(channel) ? 'send' : 'receive',
		channel: { $ref: `#/channels/${channel.name}` },
		bindings: { mqtt: { qos: 1, retain: channel.retain === true, bindingVersion: '0.2.0' } },
	};
}

function messageOf(channel: Channel): JsonSchema {
	const { schema } = MESSAGES[channel.message] as Shape<unknown>;
	const about = typeof schema.description === 'string' ? { summary: schema.description } : {};
	return isUp(channel)
		? {
				...about,
				payload: { $ref: `#/components/schemas/${channel.message}` },
				'x-bytes-max': UP_BYTES_MAX,
			}
		: {
				...about,
				contentType: 'application/jose',
				payload: { type: 'string', pattern: '^[\\w-]+\\.[\\w-]+\\.[\\w-]+$', maxLength: DOWN_BYTES_MAX },
				'x-signed-payload': { $ref: '#/components/schemas/envelope' },
				'x-body': { $ref: `#/components/schemas/${channel.message}` },
			};
}
