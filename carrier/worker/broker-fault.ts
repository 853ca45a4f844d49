/** Why there is no line to the broker: few words, for metrics. */
export const BROKER_FAULTS = {
	closed: 'the line to the broker is closed',
	refused: 'the broker refuses our name or password',
	certificate: "TLS: a certificate is not valid, or not of the broker's authority",
	network: 'the broker cannot be reached',
	error: 'the line to the broker has an error',
} as const;

export type BrokerFault = keyof typeof BROKER_FAULTS;

/** What an error of the client means. A code that is a number is the broker's own (CONNACK). */
export function brokerFaultOf(error: Error & { code?: unknown }): BrokerFault {
	const { code, message } = error;
	if (typeof code === 'number') return 'refused';
	if (typeof code === 'string' && /^(?:ECONN|EHOST|ENET|ENOTFOUND|EAI_|ETIMEDOUT|EPIPE)/.test(code)) return 'network';
	if (/CERT|^ERR_(?:TLS|SSL|OSSL)|SELF_SIGNED|UNABLE_TO/.test(String(code)) || /alert|certificate/i.test(message)) {
		return 'certificate';
	}
	return /timeout/i.test(message) ? 'network' : 'error';
}
