import type { Config } from './config.ts';

/** Where the portal takes a code from a link; its pages know the path too. */
const CODE_PATH = '/code?c=';

/**
 * The page that a printed QR code opens, with the code put behind it: what the venue has configured, or the portal where its
 * name leads. By plain HTTP, with the portal's own port: this works before and after login, with and without a certificate.
 */
export function codePageUrl({
	codes,
	portal,
}: {
	codes: Pick<Config['codes'], 'url'>;
	portal: Pick<Config['portal'], 'name' | 'port'>;
}): string {
	return codes.url ?? `http://${portal.name}${portal.port === 80 ? '' : `:${portal.port}`}${CODE_PATH}`;
}
