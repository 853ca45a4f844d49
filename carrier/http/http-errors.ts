import type { Socket } from 'node:net';
import { CarrierError } from '../carrier-error.ts';
import { natureOf } from '../database/sqlstates.ts';
import { CARRIER_ERROR_CODES } from '../error-codes.ts';
import type { Log } from '../log.ts';

/** What is said of an error, whoever found it: an operation, the router, a parser of bodies, the database. Defects are logged, and not shown. */
export function shownError(error: unknown, log: Log, bodyBytesMax: number): CarrierError {
	if (error instanceof CarrierError) return error;
	const { statusCode, message, code } = error as { statusCode?: number; message: string; code?: unknown };
	if (statusCode === 413) return new CarrierError('too_large', `the body is larger than ${bodyBytesMax} bytes`);
	if (statusCode === 415)
		return new CarrierError('unsupported_media_type', 'the body is of a type that is not taken here', {
			fix: 'send "Content-Type: application/json"',
		});
	if (statusCode !== undefined && statusCode < 500) return new CarrierError('invalid_value', message);
	// Class 22 of SQLSTATE: a text or number that no column takes, such as U+0000 in the name of a page.
	if (typeof code === 'string' && /^22[0-9A-Z]{3}$/.test(code)) {
		return new CarrierError('invalid_value', 'a value has characters or a size that cannot be stored');
	}
	log.error({ error }, 'a request failed');
	// The store's faults, and not what we have asked it wrongly.
	const nature = natureOf(error);
	if (nature === 'passing' || nature === 'lasting') {
		return new CarrierError('database_failed', 'the database does not answer, or takes nothing now', {
			fix: nature === 'passing' ? 'ask again in a moment' : 'look at /health and at the log of the database',
		});
	}
	return new CarrierError('internal', 'a defect; see the log');
}

/** The one form of every error that is not a page. */
export function errorBody({ code, message, fix, faults }: CarrierError): object {
	return { error: { code, message, ...(fix === undefined ? {} : { fix }), faults } };
}

/** Answers bytes that are no request of HTTP, in the same form; without the framework, which has not seen a request. */
export function answerNoRequest(error: Error & { code?: string }, socket: Socket): void {
	// Whoever has closed the connection hears nothing.
	if (error.code !== 'ECONNRESET' && socket.writable) {
		const shown =
			error.code === 'HPE_HEADER_OVERFLOW'
				? new CarrierError('too_large', 'the header is too large')
				: new CarrierError('invalid_value', 'this is no request, or it took too long');
		const body = JSON.stringify(errorBody(shown));
		const { http } = CARRIER_ERROR_CODES[shown.code];
		socket.write(
			`HTTP/1.1 ${http} Refused\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
		);
	}
	socket.destroySoon();
}
