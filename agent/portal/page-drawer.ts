import { formatOf } from '../../ui/portal/format.ts';
import { html } from '../../ui/portal/html.ts';
import { type LanguageTag, negotiateLanguage } from '../../ui/portal/language.ts';
import type { MessageKey } from '../../ui/portal/messages/message.ts';
import type { Notice, Venue } from '../../ui/portal/models.ts';
import type { PageContext } from '../../ui/portal/page-context.ts';
import { translator, type Values } from '../../ui/portal/translate.ts';
import type { Requester } from '../session/requester.ts';
import type { Assets } from './assets.ts';
import type { FormToken } from './form-token.ts';
import type { RequestTarget } from './request-target.ts';
import type { PortalService } from './service.ts';

export type PageDrawerOptions = {
	readonly venue: Omit<Venue, 'logo'>;
	readonly languages: readonly LanguageTag[];
	readonly assets: Assets;
	readonly tokens: FormToken;
	readonly service: PortalService;
	/** What money is called. */
	readonly currency: string;
	/** IANA name; undefined: the router's. */
	readonly timeZone?: string;
};

/** Who asks, as far as it is known. */
export type Asker = {
	readonly target: Pick<RequestTarget, 'path' | 'language'>;
	readonly acceptLanguage: string | undefined;
	readonly who: Requester | undefined;
};

export type NoticeKey = { readonly kind: Notice['kind']; readonly key: MessageKey; readonly values?: Values };

/** Makes what every page is drawn with: language, links, forms, notice. */
export class PageDrawer {
	readonly #options: PageDrawerOptions;

	constructor(options: PageDrawerOptions) {
		this.#options = options;
	}

	context({ target, acceptLanguage, who }: Asker, notice?: NoticeKey): PageContext {
		const { venue, languages, assets, tokens, service, currency, timeZone } = this.#options;
		const account = who?.account;
		const isOffered = target.language !== undefined && languages.includes(target.language);
		const language = isOffered ? (target.language as LanguageTag) : negotiateLanguage(acceptLanguage, languages);
		const prefix = isOffered ? `/${language}` : '';
		const t = translator(language);
		return {
			language,
			languages,
			t,
			format: formatOf(language, timeZone, currency),
			venue: { ...venue, ...(assets.logo === undefined ? {} : { logo: assets.logo }) },
			features: {
				redeem: service.codes !== undefined,
				pair: service.pairing !== undefined,
				gift: service.gifts !== undefined,
				alerts: service.alerts !== undefined,
				group: account !== undefined && service.isInGroup(account),
			},
			path: target.path,
			href: (path) => prefix + path,
			assets,
			proof: (action) =>
				html`<input type="hidden" name="token" value="${who === undefined ? '' : tokens.make(who.mac, action)}">`,
			isConnected: account !== undefined,
			...(notice && { notice: { kind: notice.kind, text: t(notice.key, notice.values) } }),
		};
	}
}
