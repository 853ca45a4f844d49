import { isIP } from 'node:net';
import { quoteValue, type ValueRule } from '../core/value-rule.ts';

export type ListenAddress = { readonly host: string; readonly port: number };

const ACCEPTS = '"off", or an IP address and a port such as "127.0.0.1:9469" or "[::1]:9469"';
const PORT_MAX = 65_535;

/** Where a server listens; null is nowhere. A name is not accepted: what it means could change. */
export const listenAddress: ValueRule<ListenAddress | null> = {
	accepts: ACCEPTS,
	read(input) {
		if (input === 'off') return { ok: true, value: null };
		const parts = typeof input === 'string' ? /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(input) : null;
		const host = parts?.[1] ?? parts?.[2] ?? '';
		const port = Number(parts?.[3] ?? 0);
		const family = parts?.[1] === undefined ? 4 : 6;
		if (isIP(host) !== family || port < 1 || port > PORT_MAX) {
			return { ok: false, problem: `${quoteValue(input)} is not ${ACCEPTS}` };
		}
		return { ok: true, value: { host, port } };
	},
};
