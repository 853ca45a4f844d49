import { getText, HttpClient, postText, tokenOf } from '../portal/http-client.ts';
import type { Visit, Visited } from './visit.ts';

const PORT = 2050;
/** On a busy machine; who has no answer by then gets none. */
const SILENCE_MS = 4000;
const NOTHING: Visited = { status: 0, body: '' };

/** Runs in the namespace of a station; the answers, in order, as one line of JSON. Once nothing is answered it asks no more. */
async function run(visits: readonly Visit[]): Promise<Visited[]> {
	const answers: Visited[] = [];
	for (const visit of visits) {
		const isLost = answers.length > 0 && answers.every(({ status }) => status === 0);
		answers.push(isLost ? NOTHING : await visited(visit));
	}
	return answers;
}

async function visited(visit: Visit): Promise<Visited> {
	const { host, path, fields, page } = visit;
	const portal = host.includes(':') ? `[${host.replace(/%.*/, '')}]:${PORT}` : `${host}:${PORT}`;
	const name = visit.name ?? portal;
	if (fields === undefined) return await ask(visit, getText(path, name));
	if (fields.token !== undefined || page === undefined) return await ask(visit, postText(path, name, fields));
	const { body } = await ask(visit, getText(page, name));
	try {
		return await ask(visit, postText(path, name, { ...fields, token: tokenOf(body, path) }));
	} catch {
		return NOTHING; // the page has no such form
	}
}

async function ask({ host, from, patienceMs = SILENCE_MS }: Visit, text: string): Promise<Visited> {
	let timeout: NodeJS.Timeout | undefined;
	const silence = new Promise<Visited>((resolve) => {
		timeout = setTimeout(() => resolve(NOTHING), patienceMs);
	});
	const answered = (async () => {
		const client = await HttpClient.open({ host, port: PORT, ...(from === undefined ? {} : { localAddress: from }) });
		client.write(text);
		const { status, head, body } = await client.answer();
		client.stop();
		const location = /\r\nlocation: (\S+)/i.exec(head)?.[1];
		return { status, body, ...(location === undefined ? {} : { location }) };
	})();
	const answer = await Promise.race([answered, silence]);
	clearTimeout(timeout);
	return answer;
}

process.stdout.write(JSON.stringify(await run(JSON.parse(process.argv[2] as string) as Visit[])));
process.exit(0);
