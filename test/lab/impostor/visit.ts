/** One request to the portal. `from`: the address that it is sent from. */
export type Visit = {
	readonly host: string;
	readonly from?: string;
	readonly path: string;
	/** For whom it is meant, if not for the portal. */
	readonly name?: string;
	/** How long an answer may take; by default a few seconds, for those who get none. */
	readonly patienceMs?: number;
	/** Sends a form; with the token that stands in `page`'s form, unless the fields have one. */
	readonly fields?: Readonly<Record<string, string>>;
	readonly page?: string;
};

/** Status 0: no answer came. */
export type Visited = { readonly status: number; readonly body: string; readonly location?: string };
