import { ACCOUNT_ROUTES } from './account-routes.ts';
import { ADMISSION_ROUTES } from './admission-routes.ts';
import { FLEET_ROUTES } from './fleet-routes.ts';
import type { Route } from './route.ts';
import { SALE_ROUTES } from './sale-routes.ts';

/** Every operation of the API, in the order of the document. */
export const ROUTES: readonly Route[] = [...FLEET_ROUTES, ...ACCOUNT_ROUTES, ...ADMISSION_ROUTES, ...SALE_ROUTES];
