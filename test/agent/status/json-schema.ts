/** The words of JSON Schema (draft 2020-12) that docs/status-stream.schema.json uses. */
export type Schema = {
	$ref?: string;
	$defs?: Record<string, Schema>;
	anyOf?: Schema[];
	const?: unknown;
	enum?: unknown[];
	type?: string;
	minimum?: number;
	properties?: Record<string, Schema>;
	required?: string[];
	additionalProperties?: false;
	items?: Schema;
};

const TYPES: Record<string, (value: unknown) => boolean> = {
	object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
	array: Array.isArray,
	string: (value) => typeof value === 'string',
	number: (value) => typeof value === 'number',
	integer: Number.isSafeInteger,
	boolean: (value) => typeof value === 'boolean',
	null: (value) => value === null,
};

/** What is wrong with the value, with its place; and, in `seen`, every property of the schema that it has. */
export function problemsOf(root: Schema, schema: Schema, value: unknown, seen: Set<string>, at = ''): string[] {
	if (schema.$ref !== undefined) {
		const name = schema.$ref.replace('#/$defs/', '');
		return problemsOf(root, root.$defs?.[name] as Schema, value, seen, name);
	}
	if (schema.anyOf) {
		const all = schema.anyOf.map((choice) => problemsOf(root, choice, value, seen, at));
		return all.some((problems) => problems.length === 0) ? [] : (all[0] ?? []);
	}
	if ('const' in schema) return value === schema.const ? [] : [`${at} is not ${schema.const}`];
	if (schema.enum) return schema.enum.includes(value) ? [] : [`${at} is none of ${schema.enum}`];
	if (!TYPES[schema.type ?? '']?.(value)) return [`${at} is not of type ${schema.type}`];
	if (typeof value === 'number' && value < (schema.minimum ?? value)) return [`${at} is too small`];
	if (Array.isArray(value)) return value.flatMap((item) => problemsOf(root, schema.items ?? {}, item, seen, at));
	return schema.properties ? ofObject(root, schema, value as Record<string, unknown>, seen, at) : [];
}

function ofObject(
	root: Schema,
	{ properties = {}, required = [] }: Schema,
	value: Record<string, unknown>,
	seen: Set<string>,
	at: string,
): string[] {
	const problems = required.filter((name) => !(name in value)).map((name) => `${at}.${name} is missing`);
	for (const [name, inner] of Object.entries(value)) {
		const property = properties[name];
		if (!property) problems.push(`${at}.${name} is not in the schema`);
		else problems.push(...problemsOf(root, property, inner, seen, `${at}.${name}`));
		seen.add(`${at}.${name}`);
	}
	return problems;
}

/** Every property that the schema names, as {@link problemsOf} names them. */
export function propertiesOf(schema: Schema, at = ''): string[] {
	const inner = [schema.items, ...(schema.anyOf ?? [])].flatMap((part) => (part ? propertiesOf(part, at) : []));
	const own = Object.entries(schema.properties ?? {}).flatMap(([name, part]) => [
		`${at}.${name}`,
		...propertiesOf(part, `${at}.${name}`),
	]);
	return [...own, ...inner, ...Object.entries(schema.$defs ?? {}).flatMap(([name, part]) => propertiesOf(part, name))];
}
