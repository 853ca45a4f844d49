import test from 'ava';
import { codePageUrl } from '../../../agent/config/code-page-url.ts';
import { readConfig } from '../../../agent/config/read-config.ts';

const CASES: [object, string][] = [
	[{}, 'http://portal.home.arpa:2050/code?c='],
	[{ portal: { name: 'Wifi.example', port: 80 } }, 'http://wifi.example/code?c='],
	[{ portal: { name: 'wifi.example' }, codes: { url: 'https://pay.example/?v=' } }, 'https://pay.example/?v='],
];
for (const [changes, url] of CASES) {
	test(`printed codes open ${url}`, (t) => {
		const text = JSON.stringify({ version: 1, devices: { metered: ['br-lan'] }, ...changes });
		t.is(codePageUrl(readConfig(text, 'a test')), url);
	});
}
