import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { natureOfState, SQL_CLASSES, sqlStateOf } from '../../../carrier/database/sqlstates.ts';
import { isRefusal } from '../../../carrier/refusal.ts';
import { matchesGolden } from '../../golden.ts';

/** The server's own list: Debian's packages bring it. */
const LIST = ['17', '16', '15'].map((version) => `/usr/share/postgresql/${version}/errcodes.txt`).find(existsSync);

(LIST === undefined ? test.skip : test)('every error code that the server has is in a class that we know', (t) => {
	const codes = readFileSync(LIST as string, 'utf8')
		.split('\n')
		.flatMap((line) => /^([0-9A-Z]{5})\s/.exec(line)?.[1] ?? []);
	t.true(codes.length > 200);
	for (const code of codes) t.not(natureOfState(code), undefined, code);
	const classes = new Set(codes.map((code) => code.slice(0, 2)));
	t.deepEqual(Object.keys(SQL_CLASSES).toSorted(), [...classes].toSorted(), 'and no class that it does not have');
	for (const { but = {} } of Object.values(SQL_CLASSES)) {
		for (const code of Object.keys(but)) t.true(codes.includes(code) || code === '25P04', code);
	}
});

test('codes that are no SQLSTATE are none', (t) => {
	for (const code of ['EPIPE', 'ECONNREFUSED', '22', '', 22, undefined, 'EACCE']) {
		t.is(sqlStateOf({ code }), undefined, String(code));
	}
	t.false(isRefusal(Object.assign(new Error('disk full'), { code: '53100' })));
	t.true(isRefusal(Object.assign(new Error('untranslatable'), { code: '22P05' })));
});

test('docs/sqlstates.md is made of the table', (t) => {
	const rows = Object.entries(SQL_CLASSES).map(([name, { says, nature, but = {} }]) => {
		const others = Object.entries(but)
			.map(([code, other]) => `${code} ${other}`)
			.join(', ');
		return `| ${name} | ${says} | ${nature} | ${others} |`;
	});
	matchesGolden(
		t,
		'docs/sqlstates.md',
		`# What an error of the database means

Made from \`carrier/database/sqlstates.ts\`: every class of PostgreSQL, appendix A.

- **passing**: it goes by itself, as a server that restarts (57P01, 57P03), too many connections (53300), a deadlock. Workers ask again within a second.
- **lasting**: it stays until an operator does something, as a full disk (53100), a standby (25006), a wrong password (28P01). Workers ask again after 2 s,
  ever more rarely, at least every 30 s.
- **ours**: it is about what was asked: a value, a constraint, a defect. It is not asked again: a message of an access point is refused, by record and event, and what
  is not booked is on the list for a person.

While something passes or lasts, messages stay at the broker and with access points, which keep all usage until the platform acknowledges it. \`/health\` says what
was seen last; the log has a line an hour for each code. A connection that is refused, ends or does not answer counts as 08006.

| class | | | but |
|---|---|---|---|
${rows.join('\n')}
`,
	);
});
