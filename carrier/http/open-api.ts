import { z } from 'zod';
import { CARRIER_ERROR_CODES } from '../error-codes.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes.ts';

type Json = Record<string, unknown>;

/** The OpenAPI document, made of the operations themselves. */
export function openApiDocument(): Json {
	const paths: Record<string, Json> = {};
	for (const route of ROUTES)
		paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
	return {
		openapi: '3.1.0',
		info: {
			title: 'Octroi carrier platform',
			version: '1',
			description: 'Accounts, policies and usage of many access points.',
		},
		security: [{ token: [] }],
		paths,
		components: {
			securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
			schemas: {
				Error: {
					type: 'object',
					required: ['error'],
					properties: {
						error: {
							type: 'object',
							required: ['code', 'message', 'faults'],
							properties: {
								code: { enum: Object.keys(CARRIER_ERROR_CODES) },
								message: { type: 'string' },
								fix: { type: 'string' },
								faults: { type: 'array', items: { type: 'string' } },
							},
						},
					},
				},
			},
		},
	};
}

function operationOf({ name, summary, params, query, body, answer }: Route): Json {
	return {
		operationId: name,
		summary,
		parameters: [...parametersOf(params, 'path'), ...parametersOf(query, 'query')],
		...(body === undefined ? {} : { requestBody: { required: true, content: contentOf(schemaOf(body, 'input')) } }),
		responses: {
			200: { description: 'Done, and committed', content: contentOf(schemaOf(answer, 'output')) },
			default: { description: 'Refused', content: contentOf({ $ref: '#/components/schemas/Error' }) },
		},
	};
}

function parametersOf(shape: z.ZodObject, place: 'path' | 'query'): Json[] {
	const { properties = {}, required = [] } = schemaOf(shape, 'input') as {
		properties?: Record<string, Json>;
		required?: string[];
	};
	return Object.entries(properties).map(([name, schema]) => ({
		name,
		in: place,
		required: place === 'path' || required.includes(name),
		schema,
	}));
}

function schemaOf(shape: z.ZodType, io: 'input' | 'output'): Json {
	const { $schema: _, ...schema } = z.toJSONSchema(shape, { io, unrepresentable: 'any' }) as Json;
	return schema;
}

function contentOf(schema: Json): Json {
	return { 'application/json': { schema } };
}
