import test from 'ava';
import { formatFields, formatTable } from '../../../agent/cli/format-table.ts';

const columns = [{ title: 'A' }, { title: 'B', align: 'right' }, { title: 'C' }] as const;

test('columns are as wide as their widest cell and right-aligned where asked', (t) => {
	t.is(
		formatTable(
			columns,
			[
				['longer', '1', 'x'],
				['s', '1000', ''],
			],
			'none',
		),
		'A          B  C\nlonger     1  x\ns       1000\n',
	);
});

test('wide letters take two columns', (t) => {
	t.is(formatTable([{ title: 'A' }, { title: 'B' }], [['電話', 'x']], 'none'), 'A     B\n電話  x\n');
});

test('a cell cannot start a line of its own', (t) => {
	t.is(formatTable([{ title: 'A' }], [['x\nACCOUNT admin']], 'none'), 'A\nx\uFFFDACCOUNT admin\n');
	t.is(formatFields([['name', 'a\nb']]), 'name  a\uFFFDb\n');
});

test('a table without rows says so', (t) => {
	t.is(formatTable(columns, [], 'no stations'), 'no stations\n');
});
