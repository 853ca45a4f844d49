import test from 'ava';
import { bannerLines } from './banner.ts';

const PAGES = [1, 2, 3, 4].map((number) => ({ station: `sta${number}`, url: `http://127.0.0.1:808${number}/` }));

test('the banner says what will happen to each station, and where its page is', (t) => {
	t.deepEqual(bannerLines({ pages: PAGES, news: '17 s left', columns: 80 }), [
		'A real router, four real stations, real traffic. What will happen to each:',
		'sta1 stays within its plan              portal page http://127.0.0.1:8081/',
		'sta2 runs out and is cut off            portal page http://127.0.0.1:8082/',
		'sta3 runs out and is slowed down        portal page http://127.0.0.1:8083/',
		'sta4 pays nothing: walled garden        portal page http://127.0.0.1:8084/',
		'17 s left',
		'',
	]);
});

test('long news take the second line, and the banner keeps its height', (t) => {
	const news = 'a shop sells 10 MB to sta2, and says so twice: it goes on after 36 ms, and is credited once';
	const lines = bannerLines({ pages: PAGES, news, columns: 80 });
	t.deepEqual(lines.slice(-2), [
		'a shop sells 10 MB to sta2, and says so twice: it goes on after 36 ms, and is',
		'credited once',
	]);
	t.true(lines.every((line) => line.length < 80));
	t.is(bannerLines({ pages: PAGES, news: '', columns: 80 }).length, lines.length);
});
