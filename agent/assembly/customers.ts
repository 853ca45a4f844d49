import { randomBytes } from 'node:crypto';
import { giftFormOf, ratesOf } from '../accounts/code-settings.ts';
import { Identity } from '../accounts/identity.ts';
import { spenderOf } from '../accounts/spender-of.ts';
import type { Part } from '../core/part.ts';
import type { Books } from './books.ts';
import type { AgentGiven } from './given.ts';
import type { Metering } from './metering.ts';

/** Who may spend what, and the connection to the carrier, which may say so too. */
export type Customers = { readonly identity: Identity; readonly parts: readonly Part[] };

export function makeCustomers(
	{ config, clock, log }: AgentGiven,
	{ ledger, moment, line }: Books,
	{ meter, stations }: Metering,
): Customers {
	const identity = new Identity({
		ledger,
		spender: spenderOf(meter),
		database: config.database,
		clock,
		moment,
		random: randomBytes,
		standing: (mac) => stations.standing(mac),
		log: log.child({ part: 'identity' }),
		rates: ratesOf(config),
		giftForm: giftFormOf(config),
		giftValidForSeconds: config.codes.giftValidForSeconds,
	});
	return {
		identity,
		parts: [identity, { start: () => line.start({ ledger, meter }), stop: () => line.stop() }],
	};
}
