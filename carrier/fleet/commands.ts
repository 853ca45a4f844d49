import { type Command, command } from '../../protocol/command.ts';
import { check } from '../../protocol/shape.ts';
import { requestId } from '../../protocol/values.ts';
import { CarrierError } from '../carrier-error.ts';
import type { Queryable } from '../database/database.ts';
import { accessPointRow } from './access-points.ts';
import { addDownMessage } from './down-messages.ts';

/** An access point that is away for longer is told by a person. */
export const COMMAND_LIFETIME_MS = 30 * 86_400_000;

export type CommandState = {
	id: string;
	ap: string;
	body: Command;
	issuedAt: number;
	answeredAt: number | null;
	outcome: string | null;
	code: string | null;
	message: string | null;
};

/** Puts a command on its way. Asking twice with one id sends it again, and it takes effect once. @throws CarrierError */
export async function sendCommand(
	tx: Queryable,
	{ ap, id, body }: { ap: string; id: string; body: unknown },
	now: number,
): Promise<CommandState> {
	const checked = check(command, body);
	const faults = [
		...(checked.ok ? [] : checked.faults.map(({ path, problem }) => `body.${path}: ${problem}`)),
		...(check(requestId, id).ok ? [] : ['id: it is not 1 to 64 letters, digits and ". _ : -"']),
	];
	if (faults.length > 0) throw new CarrierError('invalid_value', 'the command is not valid', { faults });
	await accessPointRow(tx, ap);
	const [stored] = await tx.query<{ body: unknown; same: boolean }>(
		'SELECT body, body = $3::jsonb AS same FROM down_message WHERE ap = $1 AND id = $2',
		[ap, id, JSON.stringify(body)],
	);
	if (stored?.same === false)
		throw new CarrierError('exists_with_different_values', `${id} was sent to ${ap} with another content`);
	const answered = stored === undefined ? undefined : await commandState(tx, ap, id);
	if (answered?.answeredAt == null) {
		await addDownMessage(tx, { ap, id, kind: 'command', body: body as object, lifetimeMs: COMMAND_LIFETIME_MS }, now);
	}
	return await commandState(tx, ap, id);
}

/** @throws CarrierError `not_found` */
export async function commandState(tx: Queryable, ap: string, id: string): Promise<CommandState> {
	const [row] = await tx.query<CommandState>(
		`SELECT id, ap, body, issued_at AS "issuedAt", answered_at AS "answeredAt", outcome, code, message
		FROM down_message WHERE ap = $1 AND id = $2 AND kind = 'command'`,
		[ap, id],
	);
	if (row === undefined) throw new CarrierError('not_found', `nothing called ${id} was sent to ${ap}`);
	return row;
}
