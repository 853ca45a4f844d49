import type { AgentHandle } from '../agent-handle.ts';
import type { Lab } from '../lab.ts';
import { CAST } from './cast.ts';
import type { PortalPage } from './portal-pages.ts';

/** Nobody looks any more; a forgotten terminal must not keep a lab for ever. */
const LAST_LOOK_MS = 600_000;

/**
 * Leaves the portal open until Enter is pressed, for a browser of this machine: the stations that had an account have it again,
 * and there is a code for the one that has none.
 */
export async function lastLook(
	lab: Lab,
	agent: AgentHandle,
	pages: readonly PortalPage[],
	say: (line: string) => void,
): Promise<void> {
	for (const [index, { plan }] of CAST.entries()) {
		const { mac, name } = lab.station(index + 1);
		if (plan !== undefined) await agent.ask('station.attach', { mac, account: name });
	}
	const made = await agent.octroi<{ codes: { code: string }[] }>('voucher', 'create', 'demo', '--plan', 'ten-mb');
	say('');
	say('The portal, as a telephone shows it, in a browser on this machine:');
	for (const { station, url } of pages) say(`  ${url} is the page of ${station}`);
	say(`The code ${made.codes[0]?.code} puts sta4 online.`);
	say('From another computer, first: ssh -L 8081:127.0.0.1:8081 THIS-MACHINE, for each port.');
	say('Press Enter to end the demo.');
	await enterPressed();
}

async function enterPressed(): Promise<void> {
	await new Promise<void>((resolve) => {
		const timer = setTimeout(resolve, LAST_LOOK_MS);
		const end = () => {
			clearTimeout(timer);
			resolve();
		};
		process.stdin.once('data', end);
		process.stdin.once('end', end);
	});
	process.stdin.pause();
}
