import { brokerAnswerOf } from '../../protocol/broker-answers.ts';
import type { FaultNature } from '../database/sqlstates.ts';

/** Why there is no line to the broker: few words, for metrics. */
export const BROKER_FAULTS = {
	closed: 'the line to the broker is closed',
	refused: 'the broker refuses our name or password',
	subscription: 'the broker does not let us hear what access points send',
	taken_over: 'another client connects to the broker with our client id',
	busy: 'the broker is busy, or stops',
	settings: 'the broker does not offer what we need',
	protocol: 'the broker says that we break the protocol, which is a defect',
	certificate: "TLS: a certificate is not valid, or not of the broker's authority",
	network: 'the broker cannot be reached',
	error: 'the line to the broker has an error',
} as const;

export type BrokerFault = keyof typeof BROKER_FAULTS;

const OF_ANSWERS = {
	none: 'error',
	busy: 'busy',
	credentials: 'refused',
	taken_over: 'taken_over',
	settings: 'settings',
	protocol: 'protocol',
} as const;

/** What a code of CONNACK or DISCONNECT means; undefined: it is none of a fault. */
export function answeredFaultOf(code: unknown): BrokerFault | undefined {
	const answer = brokerAnswerOf(code);
	return answer === undefined ? undefined : OF_ANSWERS[answer.about];
}

/** What an error of the client means. A code that is a number is the broker's own (CONNACK). */
export function brokerFaultOf(error: Error & { code?: unknown }): BrokerFault {
	const { code, message } = error;
	if (typeof code === 'number') return answeredFaultOf(code) ?? 'refused';
	if (typeof code === 'string' && /^(?:ECONN|EHOST|ENET|ENOTFOUND|EAI_|ETIMEDOUT|EPIPE)/.test(code)) return 'network';
	if (/CERT|^ERR_(?:TLS|SSL|OSSL)|SELF_SIGNED|UNABLE_TO/.test(String(code)) || /alert|certificate/i.test(message)) {
		return 'certificate';
	}
	return /timeout/i.test(message) ? 'network' : 'error';
}

const LASTING: ReadonlySet<BrokerFault> = new Set([
	...(['refused', 'subscription', 'taken_over', 'settings', 'protocol', 'certificate'] as const),
]);

/** Whether it goes by itself. */
export function natureOfFault(fault: BrokerFault): FaultNature {
	return LASTING.has(fault) ? 'lasting' : 'passing';
}
