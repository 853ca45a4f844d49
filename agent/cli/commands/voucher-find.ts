import type { FoundRow } from '../../status/protocol.ts';
import { formatAmount, formatTime } from '../../text/format-amount.ts';
import type { CliCommand } from '../cli-command.ts';

export const voucherFind: CliCommand = {
	words: ['voucher', 'find'],
	summary: 'say what a code is, without redeeming it',
	arguments: [{ name: 'CODE', about: 'in any case and spacing' }],
	examples: [{ line: 'octroi voucher find J19W-F2T-D0F', about: 'for a guest whose code does not work' }],
	exits: [2, 3, 5, 6, 7],
	async run({ arguments: given }, { ask }) {
		const found = await ask('voucher.find', { code: given.CODE as string });
		return { text: `${lineOf(found)}\n`, json: found };
	},
};

function lineOf(found: FoundRow): string {
	if (found.kind === 'gift') {
		const { id, giver, unit, amount, state } = found.gift;
		return `gift ${id} of ${giver}: ${formatAmount(unit, amount)}, ${state}`;
	}
	const { batch, serial, state, account, redeemedWallMs } = found;
	const when = redeemedWallMs === undefined ? '' : ` on ${formatTime(redeemedWallMs)} by ${account}`;
	return `${found.set === undefined ? 'voucher' : 'card'} ${serial} of ${batch}: ${state}${when}`;
}
