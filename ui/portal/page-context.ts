import type { Format } from './format.ts';
import type { LanguageTag } from './language.ts';
import type { Features, FormProof, Notice, Venue } from './models.ts';
import type { Translate } from './translate.ts';

/** What every page is drawn with. */
export type PageContext = {
	readonly language: LanguageTag;
	/** Those that the venue offers. */
	readonly languages: readonly LanguageTag[];
	readonly t: Translate;
	readonly format: Format;
	readonly venue: Venue;
	readonly features: Features;
	/** The page's own path, without language. */
	readonly path: string;
	/** Where a path of this portal is, in the language of this page. */
	readonly href: (path: string) => string;
	/** Where style and script are: their addresses change with their content. */
	readonly assets: { readonly style: string; readonly script: string };
	readonly proof: FormProof;
	/** Whether an account pays for this station: then there are pages about it. */
	readonly isConnected: boolean;
	readonly notice?: Notice;
};
