import { clone, cloneOfUnleased, drownedOut, forgedRelease, forgedRequest, invented } from '../addresses/attacks.ts';
import {
	behindRepeater,
	byHand,
	type Change,
	clientIds,
	knownByAll,
	newcomer,
	otherBridge,
	otherPort,
	privacyAddress,
} from '../addresses/changes.ts';
import { INTERNET } from '../addresses/customer.ts';
import { Tally } from '../addresses/tally.ts';
import { Venue } from '../addresses/venue.ts';
import { withLab } from '../lab.ts';
import type { Scenario } from '../scenario.ts';
import { startWebServer } from '../web/browser.ts';

const CHANGES = 1000;
/** Each kind twice, and as many addresses of IPv6 as row 7 of the table has. */
const CHANGES_SHORT = 54;
const KINDS: Readonly<Record<string, Change>> = {
	clientIds,
	byHand,
	behindRepeater,
	invented,
	otherPort,
	otherBridge,
	newcomer,
	forgedRelease,
	forgedRequest,
	drownedOut,
	clone,
	cloneOfUnleased,
};
/** An address of IPv6 changes more often than anything else: after each other change some of them. */
const PRIVACY_SHARE = 0.55;

/** Addresses change as they do in real networks, and somebody tries to profit. */
export const addresses: Scenario = {
	name: 'addresses',
	title:
		'changes of address (client ids, static ones, repeaters, privacy addresses, ports, bridges): service follows at once, and nobody spends for another',
	figures: {
		changes: { title: 'changes of address', bound: { atLeast: CHANGES_SHORT } },
		first_refused: { title: 'of honest ones, first connections that were refused', bound: { equals: 0 } },
		unserved: { title: 'honest changes after which nothing was served, or a code was refused', bound: { equals: 0 } },
		refusals: { title: 'refusals of addresses that are not of the session', bound: { atLeast: 4 } },
		forged: { title: 'addresses that somebody released for the customer and leased himself', bound: { atLeast: 1 } },
		told_online: { title: 'answers "you are online" to somebody whom the kernel refuses', bound: { equals: 0 } },
		unexplained: { title: 'refusals without a page that says why', bound: { equals: 0 } },
		paid_unserved: { title: 'codes that were taken and nothing was served', bound: { equals: 0 } },
		falsely_sold: {
			title: 'codes that were not refused at an address that another one answers for',
			bound: { equals: 0 },
		},
		unknown_addresses: {
			title: 'of 22 addresses of one device, those that the portal does not know',
			bound: { equals: 0 },
		},
		stolen_bytes: {
			title: 'bytes that the router forwarded for somebody on the balance of another',
			bound: { equals: 0 },
		},
		without_service_ms: {
			title: 'from a payment or a change to service, most',
			bound: { atMost: 5000 },
			kind: 'speed',
		},
	},
	async run({ isShort, seconds, progress }) {
		return await withLab({ stations: 4 }, async (lab) => {
			const venue = await Venue.open(lab);
			const server = await startWebServer(lab.internet, 443, INTERNET);
			const tally = new Tally(progress);
			try {
				const names = Object.keys(KINDS);
				const wanted = isShort ? CHANGES_SHORT : CHANGES;
				const end = performance.now() + (seconds ?? Number.POSITIVE_INFINITY) * 1000;
				const isOver = () => tally.changes >= wanted || (tally.changes >= CHANGES_SHORT && performance.now() > end);
				let turn = 0;
				for (let share = 0; !isOver(); share += PRIVACY_SHARE) {
					const isPrivacy = share >= 1;
					const name = isPrivacy ? 'privacyAddress' : (names[turn % names.length] as string);
					const change = isPrivacy ? privacyAddress : (KINDS[name] as Change);
					progress(`${tally.changes} ${name}`);
					await change(venue, tally, isPrivacy ? turn : Math.floor(turn++ / names.length));
					if (isPrivacy) share -= 1;
					tally.changes += 1;
				}
				await knownByAll(venue, tally);
				await venue.agent.verifyLedger();
				return tally.figures();
			} finally {
				venue.stop();
				server.kill('SIGKILL');
			}
		});
	},
};
