import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CarrierError } from '../carrier-error.ts';
import type { ApiContext } from '../http/route.ts';
import type { Tokens } from '../http/tokens.ts';
import type { WrongTokens } from '../http/wrong-tokens.ts';
import { publishPolicy } from '../policy/policies.ts';
import { settleReview } from '../review/reviews.ts';
import { accountPage, accountsPage } from './account-page.ts';
import { sendErrorPage } from './error-page.ts';
import { fleetPage } from './fleet-page.ts';
import { type Content, type Html, html } from './html.ts';
import { layout, STYLE } from './layout.ts';
import { changePage, draftOf, policyPage } from './policy-page.ts';
import { reviewPage } from './review-page.ts';
import { Sessions } from './session.ts';

export type PagesOptions = Omit<ApiContext, 'user'> & {
	readonly tokens: Tokens;
	readonly wrongTokens: WrongTokens;
	readonly secret: Uint8Array;
	/** `auto`: where the request came by TLS, as the connection or a trusted proxy says. */
	readonly secureCookie: 'auto' | 'always';
	/** What may be said of an error. */
	readonly shownError: (error: unknown) => CarrierError;
};

const POLICY =
	"default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

type Form = { readonly [name: string]: string };

/** Who works at the page, and what its forms are proved with. */
type Desk = PagesOptions & { readonly sessions: Sessions };

/** The carrier's page: drawn here, with no script, nothing from elsewhere, and forms that only it can make. */
export async function addPages(app: FastifyInstance, options: PagesOptions): Promise<void> {
	const desk: Desk = { ...options, sessions: new Sessions(options.secret, () => options.clock.wallMs()) };
	await app.register(async (pages) => {
		takeForms(pages, desk);
		addLogin(pages, desk);
		addViews(pages, desk);
		addReviews(pages, desk);
		addPolicies(pages, desk);
	});
}

function takeForms(pages: FastifyInstance, desk: Desk): void {
	// Only forms: JSON could put anything where a form has texts.
	pages.removeAllContentTypeParsers();
	pages.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
		done(null, Object.fromEntries(new URLSearchParams(body as string)));
	});
	pages.setErrorHandler(
		async (error, request, reply) => await sendErrorPage(reply, desk.shownError(error), userOf(desk, request)),
	);
	pages.addHook('onSend', async (_request, reply) => {
		reply.headers({
			'content-security-policy': POLICY,
			'x-content-type-options': 'nosniff',
			'referrer-policy': 'no-referrer',
			'cache-control': 'no-store',
		});
	});
}

function addLogin(pages: FastifyInstance, { tokens, wrongTokens, secureCookie, sessions }: Desk): void {
	pages.get('/style.css', async (_request, reply) => await reply.type('text/css; charset=utf-8').send(STYLE));
	pages.get(
		'/login',
		async (_request, reply) => await send(reply, { title: 'Sign in', path: '/login', user: undefined, content: LOGIN }),
	);
	pages.post('/login', async (request, reply) => {
		const holder = tokens.holderOf((request.body as Form | null)?.token ?? '');
		if (holder === undefined) {
			const waitSeconds = wrongTokens.note(request.ip);
			if (waitSeconds !== undefined) reply.header('retry-after', waitSeconds);
			return await send(reply.status(waitSeconds === undefined ? 401 : 429), {
				title: 'Sign in',
				path: '/login',
				user: undefined,
				content: LOGIN,
				notice: waitSeconds === undefined ? 'This token is not known.' : WAIT,
				isWrong: true,
			});
		}
		const isSecure = secureCookie === 'always' || request.protocol === 'https';
		return await reply.header('set-cookie', sessions.cookieOf(holder, { isSecure })).redirect('/', 303);
	});
}

function addViews(pages: FastifyInstance, desk: Desk): void {
	const { database, clock } = desk;
	const show = (
		path: string,
		title: (request: FastifyRequest) => string,
		content: (request: FastifyRequest, user: string) => Promise<Content>,
	) =>
		pages.get(path, async (request, reply) => {
			const user = userOf(desk, request);
			if (user === undefined) return await reply.redirect('/login', 303);
			return await send(reply, { title: title(request), path, user, content: await content(request, user) });
		});
	show(
		'/',
		() => 'Access points',
		async (request) => await fleetPage(database, { after: queryOf(request, 'after', ''), now: clock.wallMs() }),
	);
	show(
		'/accounts',
		() => 'Accounts',
		async (request) => await accountsPage(database, queryOf(request, 'after', '')),
	);
	show(
		'/accounts/:account',
		accountOf,
		async (request) => await accountPage(database, accountOf(request), clock.wallMs()),
	);
	show(
		'/policy',
		() => 'Policy',
		async (request, user) => await policyPage(database, queryOf(request, 'audience', 'all'), formOf(desk, user)),
	);

	show(
		'/reviews',
		() => 'To be looked at',
		async (request, user) => await reviewPage(database, queryOf(request, 'after', '0'), formOf(desk, user)),
	);
}

function addReviews(pages: FastifyInstance, desk: Desk): void {
	const { database, clock } = desk;
	pages.post('/reviews/settle', async (request, reply) => {
		const { user, form } = formFrom(desk, request);
		const id = /^\d{1,15}$/.test(form.id ?? '') ? Number(form.id) : 0;
		await database.transaction(async (tx) => await settleReview(tx, { id, by: user }, clock.wallMs()));
		return await reply.redirect('/reviews', 303);
	});
}

function addPolicies(pages: FastifyInstance, desk: Desk): void {
	const { database, clock, keys, sender } = desk;
	pages.post('/policy/diff', async (request, reply) => {
		const { user, form } = formFrom(desk, request);
		const draft = { audience: form.audience ?? '', text: form.text ?? '' };
		try {
			const content = await changePage(database, draft, formOf(desk, user));
			return await send(reply, { title: 'What would change', path: '/policy', user, content });
		} catch (error) {
			return await sendFaults(reply, { desk, user, draft, error });
		}
	});
	pages.post('/policy/publish', async (request, reply) => {
		const { user, form } = formFrom(desk, request);
		const draft = { audience: form.audience ?? '', text: form.text ?? '' };
		try {
			const order = { audience: draft.audience, draft: draftOf(draft.text), keys: keys.forPolicies(), by: user };
			const policy = await database.transaction(async (tx) => await publishPolicy(tx, order, clock.wallMs()));
			await sender.sendPolicy(policy);
			const content = await policyPage(database, draft.audience, formOf(desk, user));
			return await send(reply, {
				title: 'Policy',
				path: '/policy',
				user,
				content,
				notice: `Version ${policy.version} is published.`,
			});
		} catch (error) {
			return await sendFaults(reply, { desk, user, draft, error });
		}
	});
}

/** Who is signed in, with a token that is still his. */
function userOf({ sessions, tokens }: Desk, request: FastifyRequest): string | undefined {
	const holder = sessions.holderOf(request.headers.cookie);
	return holder !== undefined && tokens.isHeld(holder) ? holder.user : undefined;
}

function formOf({ sessions }: Desk, user: string): Html {
	return html`<input type="hidden" name="form" value="${sessions.formToken(user)}">`;
}

/** Who sends it, and that the form was ours. @throws CarrierError `unauthorized`, `form_expired` */
function formFrom(desk: Desk, request: FastifyRequest): { user: string; form: Form } {
	const user = userOf(desk, request);
	const form = (request.body ?? {}) as Form;
	if (user === undefined) throw new CarrierError('unauthorized', 'nobody is signed in', { fix: 'sign in at /login' });
	if (!desk.sessions.isOurForm(form.form ?? '', user))
		throw new CarrierError('form_expired', 'this form is too old, or not ours', { fix: 'open the page again' });
	return { user, form };
}

type Draft = { readonly audience: string; readonly text: string };

async function sendFaults(
	reply: FastifyReply,
	{ desk, user, draft, error }: { desk: Desk; user: string; draft: Draft; error: unknown },
): Promise<FastifyReply> {
	if (!(error instanceof CarrierError)) throw error;
	const faults = error.faults.length === 0 ? [error.message] : error.faults;
	const content = await policyPage(desk.database, draft.audience, formOf(desk, user), { text: draft.text, faults });
	return await send(reply.status(400), { title: 'Policy', path: '/policy', user, content });
}

const WAIT = 'This token is not known, and too many were tried. Wait half a minute before the next.';

const LOGIN = html`<form method="post" action="/login"><label for="token">Token</label><input id="token" name="token" type="password" autocomplete="current-password" required>
<button>Sign in</button></form>`;

async function send(reply: FastifyReply, page: Parameters<typeof layout>[0]): Promise<FastifyReply> {
	return await reply.type('text/html; charset=utf-8').send(layout(page));
}

function queryOf(request: FastifyRequest, name: string, otherwise: string): string {
	const value = (request.query as Record<string, unknown>)[name];
	return typeof value === 'string' && value.length <= 64 ? value : otherwise;
}

function accountOf(request: FastifyRequest): string {
	return (request.params as { account: string }).account;
}
