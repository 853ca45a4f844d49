import test from 'ava';
import { matchesGolden } from '../golden.ts';
import { asyncApiDocument } from './async-api-document.ts';

test('the AsyncAPI document is made from the shapes and the topics', (t) => {
	matchesGolden(t, 'protocol/asyncapi.json', asyncApiDocument());
});
