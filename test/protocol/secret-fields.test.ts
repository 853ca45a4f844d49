import test from 'ava';
import { pino } from 'pino';
import { REDACTED } from '../../protocol/secret-fields.ts';

test('secrets do not reach the log, wherever they stand; what is logged beside them does', (t) => {
	const lines: string[] = [];
	const log = pino({ redact: REDACTED }, { write: (line: string) => lines.push(line) });
	const link = { url: 'mqtt://127.0.0.1', password: 'one' };
	log.info({ token: 'two', link, settings: { carrier: { secret: 'three', user: 'cafe-7' } } }, 'connected');
	log.child({ proof: 'four' }).info({ body: { proof: 'five' } }, 'asked');
	const text = lines.join('');
	t.notRegex(text, /one|two|three|four|five/);
	t.regex(text, /mqtt:\/\/127\.0\.0\.1.*cafe-7/);
	t.is(text.match(/\[secret\]/g)?.length, 5);
});

test('the log keeps what it was given: an object that is logged is not changed', (t) => {
	const log = pino({ redact: REDACTED }, { write: () => undefined });
	const link = { password: 'one' };
	log.info({ link }, 'connected');
	t.is(link.password, 'one');
});
