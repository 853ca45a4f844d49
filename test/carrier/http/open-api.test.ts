import test from 'ava';
import { openApiDocument } from '../../../carrier/http/open-api.ts';
import { ROUTES } from '../../../carrier/http/routes.ts';
import { matchesGolden } from '../../golden.ts';

test('docs/carrier-api.json is made of the operations', (t) => {
	matchesGolden(t, 'docs/carrier-api.json', `${JSON.stringify(openApiDocument(), null, '\t')}\n`);
});

test('operations have names of their own', (t) => {
	t.is(new Set(ROUTES.map(({ name }) => name)).size, ROUTES.length);
	t.is(new Set(ROUTES.map(({ method, path }) => `${method} ${path}`)).size, ROUTES.length);
});
