import test from 'ava';
import type { MacAddress } from '../../../agent/core/units.ts';
import type { StationRow } from '../../../agent/status/protocol.ts';
import { RowJournal } from '../../../agent/status/row-journal.ts';
import { PICTURE } from '../../ui/picture-fixture.ts';

const [first, second] = PICTURE.stations as [StationRow, StationRow];
const journal = () => new RowJournal<'mac', StationRow>('mac');

test('a row that changed is told by its key and what differs', (t) => {
	const noted = journal();
	const { name: _name, ...unnamed } = first;
	noted.note(first, { ...unnamed, upBytes: 1, addresses: ['10.0.0.9'] });
	t.deepEqual(noted.take(), { set: [{ mac: first.mac, name: null, addresses: ['10.0.0.9'], upBytes: 1 }] });
});

test('a row that was made anew and is the same is not told', (t) => {
	const noted = journal();
	noted.note(first, structuredClone(first));
	t.is(noted.take(), undefined);
});

test('new rows are whole, and the keys of old ones are named', (t) => {
	const noted = journal();
	noted.note(undefined, second);
	noted.gone(first.mac);
	noted.gone('02:00:5e:10:00:99' as MacAddress);
	t.deepEqual(noted.take(), { set: [second], gone: [first.mac, '02:00:5e:10:00:99'] });
	t.is(noted.take(), undefined);
});
