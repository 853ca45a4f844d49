import { answerText, brokerAnswerOf } from '../../protocol/broker-answers.ts';
import { OctroiError } from '../core/octroi-error.ts';

/** Why there is no connection: few words, for metrics and for people. */
export const LINK_FAULTS = {
	credentials: 'the broker refuses our name, password or certificate',
	certificate: "TLS: a certificate is not valid, or not of the carrier's authority",
	network: 'the broker cannot be reached',
	file: 'a file with a certificate, key or password cannot be read',
	oversize: 'the broker sent a message that is too large',
	flood: 'the broker sends more packets than any broker of ours would',
	taken_over: 'another client connects to the broker with our client id: a second access point has our name',
	busy: 'the broker is busy, or stops',
	settings: 'the broker does not offer what we need',
	protocol: 'the broker says that we break the protocol, which is a defect',
	subscription: 'the broker does not let us hear the carrier',
	closed: 'the connection was closed without a reason',
} as const;

export type LinkFault = keyof typeof LINK_FAULTS;

/** Why a connection was lost or not made. */
export type LinkCause = {
	readonly fault: LinkFault;
	/** The broker's code and words, harmless; absent: it said none. */
	readonly detail?: string;
	/** It stays until somebody changes something: a connection that stood for a while is then no sign that it is over. */
	readonly isLasting: boolean;
};

const NETWORK = /^(?:ECONN|EHOST|ENET|ENOTFOUND|EAI_|ETIMEDOUT|EPIPE)/;
const CERTIFICATE = /CERT|^ERR_(?:TLS|SSL|OSSL)|SELF_SIGNED|UNABLE_TO|^EPROTO$/;

/** What an error of the client means. */
export function linkCauseOf(error: unknown): LinkCause {
	const { code } = (error ?? {}) as { code?: unknown };
	const answered = causeOfAnswer(code);
	return answered ?? { fault: localFaultOf(error), isLasting: false };
}

/** What a code of CONNACK or DISCONNECT means; undefined: it is none, or of no fault. @param text of `answerText` */
export function causeOfAnswer(code: unknown, text?: string): LinkCause | undefined {
	const answer = brokerAnswerOf(code);
	if (answer === undefined || answer.about === 'none') return undefined;
	return {
		fault: answer.about,
		detail: text ?? answerText(code as number),
		isLasting: answer.nature !== 'passing',
	};
}

/** A SUBACK, as far as it is one: after a connection that has ended there is none. */
type SubscriptionAnswer =
	| { readonly granted?: readonly unknown[]; readonly properties?: { readonly reasonString?: unknown } }
	| undefined;

/**
 * What a refused subscription means. MQTT 3.1.1 has one code for all refusals: mostly what we may not read.
 *
 * @param options.hasReasons MQTT 5
 */
export function causeOfSubscription(
	error: unknown,
	packet: SubscriptionAnswer,
	{ hasReasons }: { readonly hasReasons: boolean },
): LinkCause {
	const code = packet?.granted?.find((granted) => brokerAnswerOf(granted) !== undefined);
	const answer = brokerAnswerOf(code);
	if (answer === undefined) return linkCauseOf(error);
	const detail = hasReasons ? answerText(code as number, packet?.properties?.reasonString) : 'SUBACK 0x80 failure';
	return { fault: 'subscription', detail, isLasting: !hasReasons || answer.nature !== 'passing' };
}

function localFaultOf(error: unknown): LinkFault {
	if (error instanceof OctroiError) return 'file';
	const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string };
	if (typeof code === 'string' && NETWORK.test(code)) return 'network';
	// A broker that wants a client certificate ends the handshake with an alert.
	if ((typeof code === 'string' && CERTIFICATE.test(code)) || /alert|certificate/i.test(message)) return 'certificate';
	return /timeout/i.test(message) ? 'network' : 'closed';
}

/** Of connections that are closed without a reason, one after another. */
export const AGAIN_AND_AGAIN = 'again and again: perhaps a second access point has our name';

/** For people: what it is, and what the broker said of it. */
export function causeText({ fault, detail }: Pick<LinkCause, 'fault' | 'detail'>): string {
	return detail === undefined ? LINK_FAULTS[fault] : `${LINK_FAULTS[fault]} (${detail})`;
}
