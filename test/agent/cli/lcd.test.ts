import test from 'ava';
import type { CliEnvironment, RunLcdRequest } from '../../../agent/cli/cli-environment.ts';
import { runCli } from '../../../agent/cli/run-cli.ts';

/** What the rest of the program is asked for by this line, or what the line is refused with. */
async function asked(line: string): Promise<{ request: RunLcdRequest | undefined; error: string; status: number }> {
	let request: RunLcdRequest | undefined;
	let error = '';
	const environment: Partial<CliEnvironment> = {
		version: '0.1.0',
		writeOut: () => undefined,
		writeError: (text) => {
			error += text;
		},
		runLcd: async (given) => {
			request = given;
		},
	};
	const words = `lcd --socket /run/s.sock ${line}`.split(' ').filter(Boolean);
	const status = await runCli(words, environment as CliEnvironment);
	return { request, error, status };
}

test('without options it uses the LCDd of this machine', async (t) => {
	const { request } = await asked('');
	t.like(request, { socket: '/run/s.sock', lcdd: { host: '127.0.0.1', port: 13_666 } });
	t.is(request?.framebuffer, undefined);
});

test('a framebuffer alone needs no LCDd', async (t) => {
	const line =
		'--framebuffer /dev/fb1 --size 240x135 --pixels rgb565 --rotate 90 --orbit --rest 600 --page join --wifi Guests';
	const { request } = await asked(line);
	t.is(request?.lcdd, undefined);
	t.deepEqual(request?.framebuffer, {
		path: '/dev/fb1',
		size: { width: 240, height: 135 },
		format: 'rgb565',
		rotateDegrees: 90,
		isInverted: false,
		isOrbiting: true,
		page: 'join',
	});
	t.like(request, { restAfterMs: 600_000, wifi: { name: 'Guests', passwordFile: undefined } });
});

test('both at once, on another machine', async (t) => {
	const { request } = await asked('--lcdd [2001:db8::1]:7777 --framebuffer /dev/fb0 --account room-1');
	t.deepEqual(request?.lcdd, { host: '2001:db8::1', port: 7777 });
	t.like(request, { account: 'room-1' });
});

const refuses = test.macro(async (t, line: string, error: RegExp) => {
	const answer = await asked(line);
	t.is(answer.status, 2);
	t.is(answer.request, undefined);
	t.regex(answer.error, error);
});

test('a size that is none', refuses, '--framebuffer /dev/fb0 --size 240', /not a whole number/);
test('an unknown format', refuses, '--framebuffer /dev/fb0 --pixels rgb888', /rgb565/);
test('an angle that is none', refuses, '--framebuffer /dev/fb0 --rotate 45', /"90"/);
test('a port that is none', refuses, '--lcdd localhost:99999', /from 1 to 65535/);
test('an address that is no page', refuses, '--framebuffer /dev/fb0 --portal javascript:1', /http/);
test('an account that is none', refuses, '--account Room!', /account id/);
test('an option of a framebuffer without one', refuses, '--portal http://x.example/', /--portal needs --framebuffer/);
test('a password without a network', refuses, '--wifi-password-file /x', /--wifi-password-file needs --wifi/);
