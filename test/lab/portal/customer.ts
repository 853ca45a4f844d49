import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { HANG_MS } from '../until.ts';
import { tokenOf } from './http-client.ts';

/** What a customer does on the portal's pages. */
export type CustomerOrder =
	| { readonly order: 'get'; readonly path: string }
	/** With this target in the request line, whatever form it has. */
	| { readonly order: 'target'; readonly target: string }
	/** Fills in the form of a page that leads to `action`, as often as it is said: the same form each time. */
	| {
			readonly order: 'send';
			readonly page: string;
			readonly action: string;
			readonly fields: Record<string, string>;
			readonly times?: number;
	  }
	/** Reads the stream of events until so many different messages have come. */
	| { readonly order: 'listen'; readonly differentMessages: number };

export type CustomerAnswer = { readonly status: number; readonly body: string; readonly location?: string };

const PORTAL = 'http://10.77.0.1:2050';
const HEADERS = { 'accept-language': 'en' };

/** Runs in the namespace of a station; the answers, in order, as one line of JSON. */
async function run(order: CustomerOrder): Promise<CustomerAnswer[]> {
	switch (order.order) {
		case 'get': {
			const answer = await fetch(PORTAL + order.path, { headers: HEADERS });
			return [{ status: answer.status, body: await answer.text() }];
		}
		case 'target': {
			const { hostname, port } = new URL(PORTAL);
			const sent = get({ hostname, port, path: order.target, headers: HEADERS });
			const [answer] = (await once(sent, 'response')) as [IncomingMessage];
			return [{ status: answer.statusCode ?? 0, body: await text(answer) }];
		}
		case 'send': {
			const page = await (await fetch(PORTAL + order.page, { headers: HEADERS })).text();
			const body = new URLSearchParams({ ...order.fields, token: tokenOf(page, order.action) });
			const sending = Array.from({ length: order.times ?? 1 }, () =>
				fetch(PORTAL + order.action, { method: 'POST', body, redirect: 'manual', headers: HEADERS }),
			);
			return await Promise.all((await Promise.all(sending)).map(answerOf));
		}
		case 'listen': {
			const answer = await fetch(`${PORTAL}/api/events`, { signal: AbortSignal.timeout(HANG_MS) });
			const decoder = new TextDecoder();
			let received = '';
			const heard = () => [...received.matchAll(/^data: (.*)\n/gm)].map(([, body = '']) => body);
			for await (const part of answer.body as unknown as AsyncIterable<Uint8Array>) {
				received += decoder.decode(part, { stream: true });
				if (new Set(heard()).size >= order.differentMessages) break;
			}
			return heard().map((body) => ({ status: answer.status, body }));
		}
	}
}

async function answerOf(answer: Response): Promise<CustomerAnswer> {
	const location = answer.headers.get('location');
	return { status: answer.status, body: await answer.text(), ...(location === null ? {} : { location }) };
}

process.stdout.write(JSON.stringify(await run(JSON.parse(process.argv[2] as string) as CustomerOrder)));
