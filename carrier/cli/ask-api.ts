import { CarrierError } from '../carrier-error.ts';
import { CARRIER_ERROR_CODES, type CarrierErrorCode } from '../error-codes.ts';
import { API_URL_DEFAULT, type CliEnvironment, type Given, TOKEN_PATH_DEFAULT } from './cli-command.ts';

const TIMEOUT_MS = 30_000;

export type Request = {
	readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
	readonly path: string;
	readonly body?: unknown;
};

/** Asks the running platform. @throws CarrierError of the platform's own code; `platform_unreachable` */
export async function askApi(
	{ options }: Given,
	{ readFile, fetch }: CliEnvironment,
	{ method, path, body }: Request,
): Promise<unknown> {
	const url = options.api ?? API_URL_DEFAULT;
	const tokenPath = options['token-file'] ?? TOKEN_PATH_DEFAULT;
	let token: string;
	try {
		token = (readFile(tokenPath).split('\n', 1)[0] as string).trim();
	} catch (cause) {
		throw new CarrierError('unauthorized', `${tokenPath} cannot be read`, {
			fix: 'octroi-carrier token new NAME, and give --token-file',
			cause,
		});
	}
	const response = await fetch(new URL(path, url), {
		method,
		headers: {
			authorization: `Bearer ${token}`,
			...(body === undefined ? {} : { 'content-type': 'application/json' }),
		},
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
		signal: AbortSignal.timeout(TIMEOUT_MS),
	}).catch((cause: unknown) => {
		throw new CarrierError('platform_unreachable', `nothing answers at ${url}`, {
			fix: 'octroi-carrier serve; or give --api',
			cause,
		});
	});
	const answer: unknown = await response.json();
	if (response.ok) return answer;
	const { error } = answer as { error?: { code?: string; message?: string; fix?: string; faults?: string[] } };
	const code =
		error?.code !== undefined && error.code in CARRIER_ERROR_CODES ? (error.code as CarrierErrorCode) : 'internal';
	throw new CarrierError(code, error?.message ?? `status ${response.status}`, {
		...(error?.fix === undefined ? {} : { fix: error.fix }),
		faults: error?.faults ?? [],
	});
}
