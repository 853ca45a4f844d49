/**
 * What a broker's answers mean for whoever sent something: every return code of MQTT 3.1.1 (3.2.2.3, 3.9.3) and every reason code of
 * MQTT 5 (2.4) in CONNACK, PUBACK, SUBACK, UNSUBACK and DISCONNECT.
 *
 * - `good`: no fault.
 * - `passing`: it goes by itself: the same is tried again soon.
 * - `lasting`: it stays until somebody changes something at the broker or in a configuration: the same is tried again, ever more rarely.
 * - `ours`: what we sent breaks the protocol, which is a defect: tried again as rarely.
 */
export type AnswerNature = 'good' | 'passing' | 'lasting' | 'ours';

/** What an answer is about: `name` and the others are lasting. */
export type AnswerSubject =
	/** Nothing is wrong. */
	| 'none'
	/** The broker stops, is busy, or wants fewer of something. */
	| 'busy'
	/** Our name, password or certificate, or what they may do. */
	| 'credentials'
	/** Another client connects with our client id. */
	| 'taken_over'
	/** The broker does not do what we need: a version, a size, wildcards. */
	| 'settings'
	/** It says that we break the protocol. */
	| 'protocol';

export type BrokerAnswer = {
	readonly says: string;
	readonly nature: AnswerNature;
	readonly about: AnswerSubject;
	/** In which packets it may stand. */
	readonly packets: readonly string[];
};

const good = (says: string, packets: string): BrokerAnswer => ({
	says,
	nature: 'good',
	about: 'none',
	packets: packets.split(' '),
});
const passing = (says: string, packets: string): BrokerAnswer => ({
	says,
	nature: 'passing',
	about: 'busy',
	packets: packets.split(' '),
});
const denied = (says: string, packets: string): BrokerAnswer => ({
	says,
	nature: 'lasting',
	about: 'credentials',
	packets: packets.split(' '),
});
const unable = (says: string, packets: string): BrokerAnswer => ({
	says,
	nature: 'lasting',
	about: 'settings',
	packets: packets.split(' '),
});
const defect = (says: string, packets: string): BrokerAnswer => ({
	says,
	nature: 'ours',
	about: 'protocol',
	packets: packets.split(' '),
});

/** MQTT 5. A broker of MQTT 3.1.1 uses 0x80 in SUBACK alone, of whatever it refuses. */
export const REASON_CODES: Readonly<Record<number, BrokerAnswer>> = {
	0: good('success, granted QoS 0, normal disconnection', 'CONNACK PUBACK UNSUBACK SUBACK DISCONNECT'),
	1: good('granted QoS 1', 'SUBACK'),
	2: good('granted QoS 2', 'SUBACK'),
	4: good('disconnect with will message', 'DISCONNECT'),
	16: good('no matching subscribers', 'PUBACK'),
	17: good('no subscription existed', 'UNSUBACK'),
	24: good('continue authentication', 'AUTH'),
	25: good('re-authenticate', 'AUTH'),
	128: passing('unspecified error', 'CONNACK PUBACK SUBACK UNSUBACK DISCONNECT'),
	129: defect('malformed packet', 'CONNACK DISCONNECT'),
	130: defect('protocol error', 'CONNACK DISCONNECT'),
	131: passing('implementation specific error', 'CONNACK PUBACK SUBACK UNSUBACK DISCONNECT'),
	132: unable('unsupported protocol version', 'CONNACK'),
	133: denied('client identifier not valid', 'CONNACK'),
	134: denied('bad user name or password', 'CONNACK'),
	135: denied('not authorized', 'CONNACK PUBACK SUBACK UNSUBACK DISCONNECT'),
	136: passing('server unavailable', 'CONNACK'),
	137: passing('server busy', 'CONNACK DISCONNECT'),
	138: denied('banned', 'CONNACK'),
	139: passing('server shutting down', 'DISCONNECT'),
	140: denied('bad authentication method', 'CONNACK'),
	141: passing('keep alive timeout', 'DISCONNECT'),
	142: { says: 'session taken over', nature: 'lasting', about: 'taken_over', packets: ['DISCONNECT'] },
	143: unable('topic filter invalid', 'SUBACK UNSUBACK DISCONNECT'),
	144: unable('topic name invalid', 'CONNACK PUBACK DISCONNECT'),
	145: passing('packet identifier in use', 'PUBACK SUBACK UNSUBACK'),
	146: passing('packet identifier not found', 'PUBREL PUBCOMP'),
	147: defect('receive maximum exceeded', 'DISCONNECT'),
	148: defect('topic alias invalid', 'DISCONNECT'),
	149: unable('packet too large', 'CONNACK DISCONNECT'),
	150: passing('message rate too high', 'DISCONNECT'),
	151: passing('quota exceeded', 'CONNACK PUBACK SUBACK DISCONNECT'),
	152: passing('administrative action', 'DISCONNECT'),
	153: defect('payload format invalid', 'CONNACK PUBACK DISCONNECT'),
	154: unable('retain not supported', 'CONNACK DISCONNECT'),
	155: unable('QoS not supported', 'CONNACK DISCONNECT'),
	156: unable('use another server', 'CONNACK DISCONNECT'),
	157: unable('server moved', 'CONNACK DISCONNECT'),
	158: unable('shared subscriptions not supported', 'SUBACK DISCONNECT'),
	159: passing('connection rate exceeded', 'CONNACK DISCONNECT'),
	160: passing('maximum connect time', 'DISCONNECT'),
	161: defect('subscription identifiers not supported', 'SUBACK DISCONNECT'),
	162: unable('wildcard subscriptions not supported', 'SUBACK DISCONNECT'),
};

/** CONNACK of MQTT 3.1.1. */
export const RETURN_CODES: Readonly<Record<number, BrokerAnswer>> = {
	0: good('connection accepted', 'CONNACK'),
	1: unable('unacceptable protocol version', 'CONNACK'),
	2: denied('identifier rejected', 'CONNACK'),
	3: passing('server unavailable', 'CONNACK'),
	4: denied('bad user name or password', 'CONNACK'),
	5: denied('not authorized', 'CONNACK'),
};

/** A code that a broker has sent. The codes of the versions do not meet. Undefined: it is none, or not a code of a fault. */
export function brokerAnswerOf(code: unknown): BrokerAnswer | undefined {
	if (typeof code !== 'number') return undefined;
	const found = code < 0x80 ? RETURN_CODES[code] : REASON_CODES[code];
	return found?.nature === 'good' ? undefined : found;
}

const REASON_CHARACTERS_MAX = 120;

/** What a broker says of its reasons, harmless on a terminal and in a log; undefined: nothing. It may be of any length, and anybody's. */
export function reasonText(reason: unknown): string | undefined {
	if (typeof reason !== 'string' || reason === '') return undefined;
	const characters = [...reason.slice(0, 2 * REASON_CHARACTERS_MAX)];
	const shown = characters
		.slice(0, REASON_CHARACTERS_MAX)
		.join('')
		.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
	return characters.length > REASON_CHARACTERS_MAX || reason.length > 2 * REASON_CHARACTERS_MAX ? `${shown}…` : shown;
}

/** `0x8E session taken over: "…"`. */
export function answerText(code: number, reason?: unknown): string {
	const number = code < 0x80 ? `${code}` : `0x${code.toString(16).toUpperCase()}`;
	const said = reasonText(reason);
	const what = `${number} ${brokerAnswerOf(code)?.says ?? 'unknown code'}`;
	return said === undefined ? what : `${what}: "${said}"`;
}

/** Packets with a code that the client does not hand on whole. */
type AnswerPacket = {
	readonly cmd?: string;
	readonly reasonCode?: unknown;
	readonly returnCode?: unknown;
	readonly properties?: { readonly reasonString?: unknown };
};

/** The code and the broker's own words in a packet of it; undefined: the packet has no fault. */
export function answerIn(packet: AnswerPacket): { readonly code: number; readonly text: string } | undefined {
	const { reasonCode, returnCode, properties } = packet;
	const code = typeof reasonCode === 'number' ? reasonCode : returnCode;
	if (typeof code !== 'number' || code === 0 || (code < 0x80 && packet.cmd !== 'connack')) return undefined;
	return { code, text: answerText(code, properties?.reasonString) };
}
