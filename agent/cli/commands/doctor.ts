import type { Config } from '../../config/config.ts';
import { OctroiError } from '../../core/octroi-error.ts';
import { printableLine } from '../../text/printable.ts';
import type { CliCommand, CliContext } from '../cli-command.ts';
import type { Feature } from '../cli-environment.ts';

export const doctor: CliCommand = {
	words: ['doctor'],
	summary: 'check that this machine has what octroi needs',
	details: [
		'Probes each kernel feature and program, settings of the host, rules of other programs, the configuration, and what a',
		'running agent warns of. Changes nothing. MISSING: it must be there. should: something that is configured works worse',
		'without it. no: only what is not configured needs it.',
		'Run it as root: some features can only be probed so.',
	],
	examples: [{ line: 'octroi doctor', about: 'before the first start, and when something does not work' }],
	exits: [2, 6],
	async run(_given, context) {
		const { config, feature } = readConfiguration(context);
		const probed = await context.environment.probeFeatures(config);
		const features = [feature, ...probed, ...(await probeAgent(context))];
		const missing = features.filter(({ ok, grade }) => !ok && grade === 'must');
		const text = features.map(describe).join('');
		const summary =
			missing.length === 0 ? 'everything needed is there' : `missing: ${missing.map(({ name }) => name).join(', ')}`;
		return {
			text: `${text}${printableLine(summary)}\n`,
			json: {
				ok: missing.length === 0,
				features: features.map((one) => ({ ...one, needed: one.grade === 'must' })),
			},
			exitStatus: missing.length === 0 ? 0 : 6,
		};
	},
};

const WORDS = { must: 'MISSING', should: 'should', optional: 'no' } as const;

function describe({ name, ok, grade, detail, fix }: Feature): string {
	const word = ok ? 'ok' : WORDS[grade];
	const remedy = ok ? '' : `         fix: ${printableLine(fix)}\n`;
	return `${word.padEnd(7)}  ${printableLine(`${name}: ${detail}`)}\n${remedy}`;
}

/** A doctor is often called before there is a configuration; the agent itself refuses to start without. */
function readConfiguration(context: CliContext): { config: Config | undefined; feature: Feature } {
	const name = 'configuration';
	try {
		const config = context.loadConfig();
		return { config, feature: { name, ok: true, grade: 'optional', detail: context.configPath, fix: '' } };
	} catch (error) {
		if (!(error instanceof OctroiError)) {
			throw error;
		}
		const detail = error.message.replaceAll('\n', ';');
		return { config: undefined, feature: { name, ok: false, grade: 'optional', detail, fix: error.fix ?? '' } };
	}
}

/** What it warns of is found on the air too: another DHCP server, another router, a clock that is not set. */
async function probeAgent(context: CliContext): Promise<Feature[]> {
	const name = 'agent';
	try {
		const { warnings } = await context.ask('status', {});
		return [
			{ name, ok: true, grade: 'optional', detail: 'answers', fix: '' },
			{
				name: 'warnings of the agent',
				ok: warnings.length === 0,
				grade: 'should',
				detail: warnings.length === 0 ? 'none' : warnings.join('; '),
				fix: 'each one says its cause: octroi status',
			},
		];
	} catch (error) {
		if (!(error instanceof OctroiError)) {
			throw error;
		}
		const detail = error.message.replaceAll('\n', ';');
		return [{ name, ok: false, grade: 'optional', detail, fix: error.fix ?? '' }];
	}
}
