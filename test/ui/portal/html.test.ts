import test from 'ava';
import { html } from '../../../ui/portal/html.ts';

test('what is put into a template is escaped, in text and in attributes', (t) => {
	const hostile = `"><script>alert('x')</script>&\``;
	t.is(
		html`<p title="${hostile}">${hostile}</p>`.text,
		'<p title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&#96;">&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&#96;</p>',
	);
});

test('HTML is put into HTML as it is, lists one after the other, and nothing for what is absent', (t) => {
	const items = ['a', '<b>'].map((text) => html`<li>${text}</li>`);
	t.is(html`<ul>${items}</ul>${undefined}${false}${0}`.text, '<ul><li>a</li><li>&lt;b&gt;</li></ul>0');
});

test('what only looks like HTML is text', (t) => {
	t.is(html`${{ text: '<b>' } as unknown as string}`.text, '[object Object]');
});
