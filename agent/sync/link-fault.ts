import { OctroiError } from '../core/octroi-error.ts';

/** Why there is no connection: few words, for metrics and for people. */
export const LINK_FAULTS = {
	credentials: 'the broker refuses our name, password or certificate',
	certificate: "TLS: a certificate is not valid, or not of the carrier's authority",
	network: 'the broker cannot be reached',
	file: 'a file with a certificate, key or password cannot be read',
	oversize: 'the broker sent a message that is too large',
	closed: 'the connection was closed',
} as const;

export type LinkFault = keyof typeof LINK_FAULTS;

const NETWORK = /^(?:ECONN|EHOST|ENET|ENOTFOUND|EAI_|ETIMEDOUT|EPIPE)/;
const CERTIFICATE = /CERT|^ERR_(?:TLS|SSL|OSSL)|SELF_SIGNED|UNABLE_TO|^EPROTO$/;
/** CONNACK of MQTT 3.1.1 (2 identifier, 4 password, 5 not authorised) and 5 (133, 134, 135, 138 banned, 140 method). */
const CREDENTIALS: ReadonlySet<unknown> = new Set([2, 4, 5, 133, 134, 135, 138, 140]);

/** What an error of the client means. */
export function linkFaultOf(error: unknown): LinkFault {
	if (error instanceof OctroiError) return 'file';
	const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string };
	if (CREDENTIALS.has(code)) return 'credentials';
	if (typeof code === 'string' && NETWORK.test(code)) return 'network';
	// A broker that wants a client certificate ends the handshake with an alert.
	if ((typeof code === 'string' && CERTIFICATE.test(code)) || /alert|certificate/i.test(message)) return 'certificate';
	return /timeout/i.test(message) ? 'network' : 'closed';
}
