import type { Uplink } from '../status/snapshot.ts';
import { readDefaultRoutes } from './default-routes.ts';

/** The device of the default route, IPv4's if there is one. Null: there is no way out. */
export function readUplink(read?: (path: string) => string): Uplink | null {
	const routes = readDefaultRoutes(read);
	const best = routes.find(({ up }) => up) ?? routes[0];
	return best ? { ...best } : null;
}
