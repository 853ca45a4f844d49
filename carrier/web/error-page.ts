import type { FastifyReply } from 'fastify';
import type { CarrierError } from '../carrier-error.ts';
import { CARRIER_ERROR_CODES } from '../error-codes.ts';
import { html } from './html.ts';
import { layout } from './layout.ts';

/** What a person reads in place of a page that cannot be shown. */
export async function sendErrorPage(
	reply: FastifyReply,
	{ code, message, fix, faults }: CarrierError,
	user: string | undefined,
): Promise<FastifyReply> {
	const { http } = CARRIER_ERROR_CODES[code];
	const content = html`${faults.length > 0 && html`<ul>${faults.map((fault) => html`<li>${fault}</li>`)}</ul>`}
${fix !== undefined && html`<p>${fix}</p>`}
<p><a href="/">${user === undefined ? 'Sign in' : 'Access points'}</a></p>`;
	const page = layout({
		title: http === 404 ? 'Not found' : 'That did not work',
		path: '',
		user,
		content,
		notice: `${message.charAt(0).toUpperCase()}${message.slice(1)}.`,
		isWrong: true,
	});
	return await reply.status(http).type('text/html; charset=utf-8').send(page);
}
