import test from 'ava';
import { plainAddress, targetOf, urlHost } from '../../../agent/portal/request-target.ts';

const of = (url: string, host = 'Portal.Home.Arpa:2050') => targetOf({ url, headers: { host } });

test('a target is host, path, language and query', (t) => {
	t.like(of('/ar/redeem?code=A'), { host: 'portal.home.arpa', path: '/redeem', language: 'ar' });
	t.is(of('/redeem?code=A%26B')?.query.get('code'), 'A&B');
	t.like(of('/ar'), { path: '/', language: 'ar' });
	t.like(of('/xx/redeem'), { path: '/xx/redeem' });
	t.is(of('/xx/redeem')?.language, undefined);
});

test("a proxy's form names the host itself", (t) => {
	t.like(of('http://Captive.Apple.com/hotspot-detect.html'), {
		host: 'captive.apple.com',
		path: '/hotspot-detect.html',
	});
	for (const url of [
		'HTTP://evil.example',
		'http://evil.example:80',
		'https://evil.example',
		'http://u:p@evil.example#top',
	])
		t.like(of(url), { host: 'evil.example', path: '/' }, url);
	t.like(of('http://evil.example?c=AB'), { host: 'evil.example', path: '/' });
	t.is(of('http://evil.example?c=AB')?.query.get('c'), 'AB');
	t.like(of('http://[2001:db8::1]'), { host: '[2001:db8::1]', path: '/' });
	t.like(of('http://evil.example/fr?x=http://other.example/'), { host: 'evil.example', path: '/', language: 'fr' });
});

test('what is neither is no target', (t) => {
	for (const url of ['', '*', 'evil.example:443', 'ftp://x/']) t.is(of(url), undefined, url);
});

test('paths that no page has are not looked for', (t) => {
	for (const url of ['/../x', '/a/..', '//x', '/%2e%2e', '/a b', `/${'a'.repeat(200)}`]) t.is(of(url)?.path, '', url);
});

const HOSTS: [string, string][] = [
	['[2001:DB8::1]:2050', '[2001:db8::1]'],
	['10.0.0.1', '10.0.0.1'],
	['portal.home.arpa.', 'portal.home.arpa'],
	['a:b:c', ''],
	['[x', ''],
	['', ''],
];
for (const [given, host] of HOSTS)
	test(`the host of ${JSON.stringify(given)} is ${JSON.stringify(host)}`, (t) => t.is(of('/', given)?.host, host));

test('addresses of sockets are those of neighbours', (t) => {
	t.is(plainAddress('::ffff:10.0.0.1'), '10.0.0.1');
	t.is(plainAddress('fe80::1%br-lan'), 'fe80::1');
	t.is(plainAddress(undefined), '');
	t.is(urlHost('2001:db8::1'), '[2001:db8::1]');
});
