import { printableLine } from '../../text/printable.ts';
import type { CliCommand } from '../cli-command.ts';

export const ledgerVerify: CliCommand = {
	words: ['ledger', 'verify'],
	summary: "prove the ledger's invariants",
	details: [
		'Debits equal credits, no balance is negative, each grant is resolved at most once, balances are the sums of their transfers.',
		'Only reads. With --database it needs no agent and works on a live or a copied file.',
	],
	options: [{ name: 'database', value: 'FILE', about: "the ledger's file; absent: the running agent checks its own" }],
	examples: [
		{ line: 'octroi ledger verify', about: 'the ledger of the running agent' },
		{ line: 'octroi ledger verify --database copy.db', about: 'a copy' },
	],
	exits: [2, 3, 5, 6, 7],
	async run({ options }, { ask, environment }) {
		const report =
			options.database === undefined
				? await ask('ledger.verify', {})
				: await environment.verifyLedger(options.database);
		const lines = report.checks.map(({ name, ok, detail }) =>
			printableLine(`${ok ? 'holds' : 'BROKEN'}  ${name}: ${detail}`),
		);
		lines.push(report.ok ? 'the ledger is sound' : printableLine(`the ledger is broken: ${report.broken}`));
		return { text: `${lines.join('\n')}\n`, json: report, exitStatus: report.ok ? 0 : 7 };
	},
};
