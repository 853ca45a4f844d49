import type { IncomingMessage } from 'node:http';
import { liveFigures } from '../../ui/portal/live-figures.ts';
import type { MessageKey } from '../../ui/portal/messages/message.ts';
import { errorPage } from '../../ui/portal/pages/error.ts';
import { FairBucket } from '../core/fair-bucket.ts';
import type { Log } from '../core/log.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { Standing } from '../core/standing.ts';
import type { BootMs, MacAddress } from '../core/units.ts';
import type { Requester } from '../session/requester.ts';
import { ACCOUNT_ACTIONS } from './account-actions.ts';
import { ACCOUNT_VIEWS, OPEN_VIEWS, type View } from './account-views.ts';
import type { Outcome } from './action.ts';
import { type Answer, page, redirect, type StreamAnswer } from './answer.ts';
import type { Assets } from './assets.ts';
import { CAPTIVE_API_PATH, captiveAnswer } from './captive-api.ts';
import { answerElsewhere } from './captive-probes.ts';
import { type FormBody, readForm } from './form-body.ts';
import type { FormToken } from './form-token.ts';
import { FORMS_BURST, FORMS_PER_SECOND, FREE_PLANS_BURST, FREE_PLANS_PER_HOUR, RATED_STATIONS_MAX } from './limits.ts';
import { OPEN_ACTIONS } from './open-actions.ts';
import type { Asker, NoticeKey, PageDrawer } from './page-drawer.ts';
import { proofAnswer } from './proof-answer.ts';
import { RequestRate } from './request-rate.ts';
import { plainAddress, type RequestTarget, targetOf, urlHost } from './request-target.ts';
import type { PortalService } from './service.ts';

export type PortalOptions = {
	readonly service: PortalService;
	readonly drawer: PageDrawer;
	readonly tokens: FormToken;
	readonly assets: Assets;
	/** In lower case. */
	readonly name: string;
	readonly port: number;
	/** Who is at the other end of a socket, by its remote address; undefined: nobody of a metered network. */
	readonly identify: (remote: string) => Promise<Requester | undefined>;
	readonly standing: (mac: MacAddress) => Standing;
	readonly now: () => BootMs;
	readonly log: Log;
};

type KnownAsker = Asker & { readonly who: Requester };
/** A form, and the request that brought it. */
type Sent = { readonly request: IncomingMessage; readonly fields: URLSearchParams };

/** What came by one connection. */
export type Received = { readonly request: IncomingMessage; readonly isSecure: boolean };

/** Notices that a link may name: none of them can be filled with text from outside. */
const NOTICES: readonly MessageKey[] = [
	'redeem_done',
	'redeem_returned',
	'topup_done',
	'device_renamed',
	'device_removed',
	'device_left',
	'device_left_counter',
	'pair_done',
	'alerts_saved',
	'alerts_off',
	'buy_done',
	'renewal_ended',
	'group_saved',
	'take_done',
	'gift_returned',
];

/** The figures of a station, as they change. */
export const EVENTS_PATH = '/api/events';
const FREE_PATH = '/free';

/** One request in, one answer out. */
export class Portal {
	readonly #options: PortalOptions;
	/** What each station has sent that was written. */
	readonly #forms = new RequestRate({
		burst: FORMS_BURST,
		perSecond: FORMS_PER_SECOND,
		addressesMax: RATED_STATIONS_MAX,
	});

	readonly #freePlans = new FairBucket({ burst: FREE_PLANS_BURST, perHour: FREE_PLANS_PER_HOUR });

	constructor(options: PortalOptions) {
		this.#options = options;
	}

	/** Never rejects: what goes wrong is a page that says so. */
	async answer(received: Received): Promise<Answer | StreamAnswer> {
		const { request } = received;
		const target = targetOf(request);
		const acceptLanguage = request.headers['accept-language'];
		const asker: Asker = { target: target ?? { path: '/' }, acceptLanguage, who: undefined };
		try {
			if (target === undefined) return this.#error(asker, 400, 'error_not_found');
			const asset = this.#options.assets.files.get(target.path);
			if (asset && isGet(request) && this.#isOurs(target, request)) return asset;
			return await this.#route(received, target, { ...asker, who: await this.#identify(request) });
		} catch (error) {
			this.#options.log.error({ error, path: target?.path }, 'a page could not be made');
			const isOurs = error instanceof OctroiError;
			return this.#error(asker, isOurs ? 503 : 500, 'error_agent');
		}
	}

	/** A page of its own, also where no request could be read. */
	errorPage(status: number, key: MessageKey, acceptLanguage?: string): Answer {
		return this.#error({ target: { path: '/' }, acceptLanguage, who: undefined }, status, key);
	}

	async #route({ request, isSecure }: Received, target: RequestTarget, asker: Asker): Promise<Answer | StreamAnswer> {
		const { service } = this.#options;
		const { who } = asker;
		if (!this.#isOurs(target, request)) {
			const state = who?.account && service.state(who);
			return answerElsewhere(target, state === 'active' || state === 'throttled', this.#home(request));
		}
		if (who === undefined) return this.#error(asker, 403, 'error_stranger');
		if (target.path === CAPTIVE_API_PATH && isSecure && isGet(request)) {
			return captiveAnswer(service.live(who), this.#home(request));
		}
		if (isGet(request)) return this.#view(target, { ...asker, who });
		if (request.method === 'POST') return await this.#act(request, target, { ...asker, who });
		return { ...this.#error(asker, 405, 'error_method'), headers: { Allow: 'GET, HEAD, POST' }, close: true };
	}

	#view(target: RequestTarget, asker: KnownAsker): Answer | StreamAnswer {
		const { service, drawer } = this.#options;
		const { who } = asker;
		const context = drawer.context(asker, contestedNotice(who) ?? this.#noticeOf(target.query));
		if (target.path === EVENTS_PATH) {
			return { mac: who.mac, figures: () => liveFigures(context, service.live(who)) };
		}
		const view: View = { service, context, who, query: target.query };
		const { account } = who;
		const forAccount = own(ACCOUNT_VIEWS, target.path);
		if (forAccount) {
			if (account === undefined) return this.#error(asker, 403, 'error_not_connected');
			return forAccount({ ...view, account }) ?? this.#error(asker, 404, 'error_not_found');
		}
		return own(OPEN_VIEWS, target.path)?.(view) ?? this.#error(asker, 404, 'error_not_found');
	}

	async #act(request: IncomingMessage, target: RequestTarget, asker: KnownAsker): Promise<Answer> {
		const { service, tokens } = this.#options;
		const { path } = target;
		const { who } = asker;
		const openAction = own(OPEN_ACTIONS, path);
		const accountAction = own(ACCOUNT_ACTIONS, path);
		if (!openAction && !accountAction) return { ...this.#error(asker, 404, 'error_not_found'), close: true };
		const body: FormBody = await readForm(request);
		if (!body.ok) {
			const isLarge = body.problem === 'too_large';
			return { ...this.#error(asker, isLarge ? 413 : 415, isLarge ? 'error_too_large' : 'error_input'), close: true };
		}
		const { fields } = body;
		const id = tokens.check(fields.get('token') ?? '', who.mac, path);
		if (id === undefined || isCrossSite(request)) return this.#error(asker, 403, 'error_token');
		const action = { service, who, fields, id };
		const sent = { request, fields };
		if (path === FREE_PATH && service.free && !this.#mayTakeFree(who.mac)) return this.#error(asker, 429, 'error_busy');
		if (openAction) return this.#outcome(await openAction(action), asker, sent);
		const { account } = who;
		if (account === undefined || !accountAction) return this.#error(asker, 403, 'error_not_connected');
		if (!this.#forms.take(who.mac, this.#options.now())) return this.#error(asker, 429, 'error_busy');
		const { proof, run } = accountAction;
		const why = proof === 'code' ? service.prove(who, account, fields.get('proof') ?? '') : undefined;
		if (why !== undefined) return this.#outcome({ kind: 'unproven', why }, asker, sent);
		return this.#outcome(await run({ ...action, account }), asker, sent);
	}

	async #outcome(outcome: Outcome, asker: KnownAsker, { request, fields }: Sent): Promise<Answer> {
		const { service, drawer } = this.#options;
		const plain = drawer.context(asker);
		const asOf = (path: string) => ({ ...asker, target: { ...asker.target, path } });
		switch (outcome.kind) {
			case 'error':
				return this.#error(asker, outcome.status, outcome.key);
			case 'done': {
				const notice = outcome.key === undefined ? '' : `?notice=${outcome.key}`;
				return redirect(`${plain.href(outcome.path)}${notice}`, 303);
			}
			case 'code': {
				// A page of an account; whoever has lost it meanwhile is told so.
				const draw = own(ACCOUNT_VIEWS, outcome.path);
				const who = await this.#identify(request);
				if (who?.account === undefined) return this.#error(asker, 403, 'error_not_connected');
				const { path, kind: _, ...made } = outcome;
				const view = { service, context: drawer.context(asOf(path)), who, query: new URLSearchParams(), ...made };
				return draw?.({ ...view, account: who.account }) ?? this.#error(asker, 404, 'error_not_found');
			}
			case 'refused': {
				const { key, waitMs, code, amount, values = {} } = outcome;
				const texts = {
					...values,
					...(waitMs === undefined ? {} : { time: plain.format.duration(Math.ceil(waitMs / 1000)) }),
					...(amount === undefined ? {} : { amount: plain.format.amount(amount.unit, amount.amount) }),
				};
				const context = drawer.context(asOf(outcome.path), { kind: 'bad', key, values: texts });
				const query = new URLSearchParams(code === undefined ? {} : { code });
				const view = { service, context, who: asker.who, query };
				const { account } = asker.who;
				const draw = own(OPEN_VIEWS, outcome.path);
				const again = draw ? draw(view) : account && own(ACCOUNT_VIEWS, outcome.path)?.({ ...view, account });
				return again
					? { ...again, status: waitMs === undefined ? 422 : 429 }
					: this.#error(asker, 404, 'error_not_found');
			}
			case 'unproven':
				return proofAnswer(drawer, asker, { why: outcome.why, fields });
		}
	}

	async #identify({ socket }: IncomingMessage): Promise<Requester | undefined> {
		return await this.#options.identify(socket.remoteAddress ?? '');
	}

	/** Devices are free to invent, and each of them may have one. */
	#mayTakeFree(mac: MacAddress): boolean {
		const { standing, now } = this.#options;
		if (this.#freePlans.wait(standing(mac), now()) > 0) return false;
		this.#freePlans.take(now());
		return true;
	}

	#noticeOf(query: URLSearchParams): NoticeKey | undefined {
		const key = NOTICES.find((one) => one === query.get('notice'));
		return key && { kind: 'good', key };
	}

	#error(asker: Asker, status: number, message: MessageKey): Answer {
		return page(status, errorPage(this.#options.drawer.context(asker), { message }));
	}

	/** Is it a host of ours? Everything else was meant for somebody else, and is shown the way. */
	#isOurs({ host }: RequestTarget, request: IncomingMessage): boolean {
		return host === this.#options.name || host === urlHost(plainAddress(request.socket.localAddress)).toLowerCase();
	}

	/**
	 * The first page, by our own address: nothing of what the client sent is in it, and it works before any name is looked up.
	 */
	#home(request: IncomingMessage): string {
		return `http://${urlHost(plainAddress(request.socket.localAddress))}:${this.#options.port}/`;
	}
}

/** The kernel refuses whoever is contested: he is told why, and never that something is done. The form for his code stands below. */
function contestedNotice({ isContested, isTaken }: Requester): NoticeKey | undefined {
	if (!isContested) return undefined;
	return { kind: 'bad', key: isTaken ? 'error_address_taken' : 'error_contested' };
}

function isGet({ method }: IncomingMessage): boolean {
	return method === 'GET' || method === 'HEAD';
}

/** Newer browsers say where a form came from (Fetch Metadata). The token alone would do. */
function isCrossSite({ headers }: IncomingMessage): boolean {
	return headers['sec-fetch-site'] === 'cross-site';
}

function own<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
	return Object.hasOwn(table, key) ? table[key] : undefined;
}
