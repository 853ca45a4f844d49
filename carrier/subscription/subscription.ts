/** Who is told what: an application that follows credit events, or the destination of rated records. */
export type Subscription = {
	readonly id: string;
	/** Absent: all accounts. */
	readonly account?: string | undefined;
	/** Events, such as `credit.out`. Empty for a mere destination of records. */
	readonly kinds: readonly string[];
	/** `webhook`: an HTTP address; `mqtt`: a topic of our broker; `pull`: called for through the API. */
	readonly target: 'webhook' | 'mqtt' | 'pull';
	readonly address: string;
	/** Signs what is sent; both sides have it. */
	readonly secret: string;
};
