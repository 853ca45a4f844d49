import { readJsonText } from '../../protocol/bounded-json.ts';
import type { Log } from '../core/log.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { OctroiError } from '../core/octroi-error.ts';
import { quoteValue } from '../core/value-rule.ts';
import { type AgentCommand, type AgentCommands, readArguments, type WatchRequest } from './commands.ts';
import { REQUEST_BYTES_MAX } from './limits.ts';
import type { Response } from './protocol.ts';

export type RequestContext = { commands: AgentCommands; readOnly: boolean; log: Log };

const ID_CHARACTERS_MAX = 64;

/** One line in, one answer out. Never rejects: what goes wrong is the answer. */
export async function answerRequest(line: string, context: RequestContext, watch?: WatchRequest): Promise<Response> {
	let id: number | string | null = null;
	try {
		const request = parseRequest(line);
		id = readId(request.id);
		const { command, given } = readCommand(request, context);
		return { id, result: (await command.run(given, watch)) ?? null };
	} catch (error) {
		return { id, error: describeError(error, context.log) };
	}
}

/** What the other side may know of an error: never a stack. */
export function describeError(error: unknown, log: Log): { code: OctroiError['code']; message: string; fix?: string } {
	if (error instanceof OctroiError) {
		return { code: error.code, message: error.message, ...(error.fix === undefined ? {} : { fix: error.fix }) };
	}
	log.error({ error }, 'a command failed');
	return {
		code: 'internal',
		message: `a defect in octroi: ${error instanceof Error ? error.message : String(error)}`,
		fix: "the agent's log has the details; please report them",
	};
}

function parseRequest(line: string): Record<string, unknown> {
	const read = readJsonText(line, { bytesMax: REQUEST_BYTES_MAX });
	if (!read.ok) {
		const what = read.reason === 'syntax' ? 'not valid JSON' : `refused: ${read.problem}`;
		throw new OctroiError('invalid_value', `the request is ${what}`, {
			fix: 'send one JSON object a line: { "id": 1, "command": "status" }',
		});
	}
	const request = read.value;
	if (typeof request !== 'object' || request === null || Array.isArray(request)) {
		throw new OctroiError('invalid_value', 'the request is not a JSON object', {
			fix: 'send { "id": 1, "command": "status" }',
		});
	}
	return request as Record<string, unknown>;
}

function readId(id: unknown): number | string {
	if (Number.isSafeInteger(id) || (typeof id === 'string' && id.length <= ID_CHARACTERS_MAX)) {
		return id as number | string;
	}
	throw new OctroiError('invalid_value', `the id ${quoteValue(id)} is not a whole number or a short text`, {
		fix: 'number the requests: the answer carries the same id',
	});
}

function readCommand(
	request: Record<string, unknown>,
	context: RequestContext,
): { command: AgentCommand; given: Record<string, unknown> } {
	const name = request.command;
	const command = typeof name === 'string' ? context.commands.get(name) : undefined;
	if (command === undefined) {
		const nearest = typeof name === 'string' ? nearestWord(name, context.commands.keys()) : undefined;
		throw new OctroiError('not_found', `${quoteValue(name)} is not a command`, {
			fix:
				nearest === undefined
					? `the commands are ${[...context.commands.keys()].join(', ')}`
					: `did you mean "${nearest}"?`,
		});
	}
	if (context.readOnly && !command.readOnly) {
		throw new OctroiError('permission_denied', `${name} is not allowed on this socket, which only reads`, {
			fix: 'use the control socket, as its owner',
		});
	}
	return { command, given: readArguments(command, request.arguments) };
}
