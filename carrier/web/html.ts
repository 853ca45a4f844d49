/** A piece of HTML that is safe to be put into a page. Only {@link html} makes them. */
export class Html {
	readonly text: string;

	constructor(text: string) {
		this.text = text;
	}
}

export type Content = Html | string | number | undefined | false | readonly Content[];

/** HTML from a template: what is put in is escaped, in text and in quoted attributes alike. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
	let text = strings[0] as string;
	for (const [index, value] of values.entries()) text += draw(value) + strings[index + 1];
	return new Html(text);
}

const ESCAPES: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
	'`': '&#96;',
};

function draw(value: Content): string {
	if (value === undefined || value === false) return '';
	if (value instanceof Html) return value.text;
	if (Array.isArray(value)) return value.map(draw).join('');
	return String(value).replace(/[&<>"'`]/g, (character) => ESCAPES[character] as string);
}
