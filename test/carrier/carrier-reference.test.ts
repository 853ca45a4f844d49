import test from 'ava';
import { z } from 'zod';
import { helpText } from '../../carrier/cli/run-cli.ts';
import { configSchema } from '../../carrier/config.ts';
import { CARRIER_ERROR_CODES } from '../../carrier/error-codes.ts';
import { COUNTERS } from '../../carrier/metrics.ts';
import { REVIEW_REASONS } from '../../carrier/review/reasons.ts';
import { PLATFORM_EVENT_KINDS } from '../../carrier/subscription/event-kinds.ts';
import { REFUSALS } from '../../carrier/worker/door.ts';
import { EVENT_KINDS } from '../../protocol/event.ts';
import { matchesGolden } from '../golden.ts';

type Schema = {
	type?: string;
	description?: string;
	default?: unknown;
	const?: unknown;
	enum?: unknown[];
	minimum?: number;
	maximum?: number;
	pattern?: string;
	properties?: Record<string, Schema>;
	required?: string[];
	anyOf?: Schema[];
};

test('docs/carrier-reference.md is made of the code', (t) => {
	matchesGolden(t, 'docs/carrier-reference.md', referenceDocument());
});

function referenceDocument(): string {
	const options = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Schema;
	return `# The carrier platform: reference

Made from the code; [carrier-platform.md](carrier-platform.md) explains. The HTTP API: [carrier-api.json](carrier-api.json) (OpenAPI).

## octroi-carrier

\`\`\`
${helpText()}\`\`\`

## Configuration

| option | default | allowed | |
|---|---|---|---|
${optionRows(options).join('\n')}

## Errors

As \`error.code\` of the API; the command line ends with the exit status.

| code | HTTP | exit | |
|---|---|---|---|
${Object.entries(CARRIER_ERROR_CODES)
	.map(([code, { http, exit, meaning }]) => `| \`${code}\` | ${http} | ${exit} | ${meaning} |`)
	.join('\n')}

## Refused messages

A message of an access point that is refused is counted (\`messages_refused\`), logged (once an hour for each reason), and reported as the event \`message.refused\` (once an
hour for each access point and reason).

| reason | |
|---|---|
${rowsOf(REFUSALS)}

## The list for a person

What access points say and that is not booked: \`octroi-carrier review list\`.

| reason | |
|---|---|
${rowsOf(REVIEW_REASONS)}

## Events

Of the platform:

| kind | |
|---|---|
${rowsOf(PLATFORM_EVENT_KINDS)}

Of access points; a newer one may have more:

| kind | |
|---|---|
${rowsOf(EVENT_KINDS)}

## Metrics

At \`/metrics\`, each with the prefix \`octroi_carrier_\` and the ending \`_total\`; of one process.

| counter | labels | |
|---|---|---|
${Object.entries(COUNTERS)
	.map(([name, { labels, help }]) => `| \`${name}\` | ${labels.join(', ')} | ${help} |`)
	.join('\n')}
`;
}

function rowsOf(words: Readonly<Record<string, string>>): string {
	return Object.entries(words)
		.map(([word, meaning]) => `| \`${word}\` | ${meaning} |`)
		.join('\n');
}

function optionRows({ properties = {}, required = [] }: Schema, prefix = ''): string[] {
	return Object.entries(properties).flatMap(([name, schema]) => {
		const fallback =
			schema.default === undefined || typeof schema.default === 'object' ? '' : `\`${JSON.stringify(schema.default)}\``;
		const isNeeded = required.includes(name) ? '**needed**' : fallback;
		const row = `| \`${prefix}${name}\` | ${isNeeded} | ${allowedText(schema)} | ${schema.description ?? ''} |`;
		return [row, ...optionRows(schema, `${prefix}${name}.`)];
	});
}

function allowedText(schema: Schema): string {
	if (schema.const !== undefined) return `${schema.const}`;
	if (schema.enum !== undefined) return schema.enum.join(', ');
	if (schema.minimum !== undefined) return `${schema.minimum} to ${schema.maximum}`;
	if (schema.anyOf !== undefined)
		return schema.anyOf.map(({ properties = {} }) => Object.keys(properties).join()).join(' or ');
	return schema.type === 'object' ? '' : (schema.type ?? '');
}
