import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Standing } from '../core/standing.ts';
import type { MacAddress } from '../core/units.ts';
import { makeAssets } from './assets.ts';
import { FormToken } from './form-token.ts';
import { PageDrawer } from './page-drawer.ts';
import { Portal, type PortalOptions } from './portal.ts';
import { PortalServer } from './portal-server.ts';
import type { PortalService } from './service.ts';

const SECRET_BYTES = 32;

export type PortalParts = {
	readonly config: Pick<Config, 'currency' | 'portal' | 'venue'>;
	readonly service: PortalService;
	/** Who is at the other end of a socket. */
	readonly identify: PortalOptions['identify'];
	/** Whose budgets the other end of a socket spends, as far as it is known at once; says nothing of who it is. */
	readonly find: (remote: string) => MacAddress | undefined;
	readonly standing: (mac: MacAddress) => Standing;
	readonly clock: Clock;
	readonly random: (count: number) => Uint8Array;
	readonly log: Log;
	readonly onProblem: (sentence: string | undefined) => void;
};

/** Joins the parts of the portal; it listens when it is started. */
export function makePortal(parts: PortalParts): PortalServer {
	const { config, service, identify, find, standing, clock, random, log, onProblem } = parts;
	const { venue, currency } = config;
	const { name, port, httpsPort, certificate, key, languages, listen } = config.portal;
	const assets = makeAssets({ accent: venue.accent, logo: venue.logo, log });
	const tokens = new FormToken({ secret: random(SECRET_BYTES), random, now: () => clock.bootMs() });
	const drawer = new PageDrawer({ venue, languages, assets, tokens, service, currency });
	const portal = new Portal({
		service,
		drawer,
		tokens,
		assets,
		name,
		port,
		identify,
		standing,
		now: () => clock.bootMs(),
		log,
	});
	const isSecure = httpsPort !== undefined && certificate !== undefined && key !== undefined;
	const secure = isSecure ? { port: httpsPort, certificate, key } : undefined;
	return new PortalServer({ portal, listen, port, secure, find, standing, clock, log, onProblem });
}
