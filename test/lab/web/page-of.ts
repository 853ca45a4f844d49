import type { Station } from '../station.ts';

/** Follows redirections as a browser does, and prints the page. */
const PROGRAM = `const answer = await fetch(process.argv[1], { headers: { 'accept-language': 'en' } });
process.stdout.write(await answer.text());`;

/** The page that a station gets at an address. */
export async function pageOf(station: Station, url: string): Promise<string> {
	return await station.namespace.run(process.execPath, ['--input-type=module', '--eval', PROGRAM, '--', url]);
}
