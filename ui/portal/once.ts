/**
 * Makes a value when it is asked for first. A formatter of a language takes up to some hundred KiB, and the first of each kind some MiB of the
 * languages in Node's file: a page that shows no amounts and no times needs none of it.
 */
export function once<Value extends object>(make: () => Value): () => Value {
	let made: Value | undefined;
	return () => {
		made ??= make();
		return made;
	};
}
