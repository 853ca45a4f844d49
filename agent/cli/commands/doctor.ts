import type { Config } from '../../config/config.ts';
import { OctroiError } from '../../core/octroi-error.ts';
import { printableLine } from '../../text/printable.ts';
import type { CliCommand, CliContext } from '../cli-command.ts';
import type { Feature } from '../cli-environment.ts';

export const doctor: CliCommand = {
	words: ['doctor'],
	summary: 'check that this machine has what octroi needs',
	details: [
		'Probes each kernel feature and program, the configuration, and whether an agent runs. Changes nothing.',
		'Run it as root: some features can only be probed so.',
	],
	examples: [{ line: 'octroi doctor', about: 'before the first start, and when something does not work' }],
	exits: [2, 6],
	async run(_given, context) {
		const { config, feature } = readConfiguration(context);
		const probed = await context.environment.probeFeatures(config);
		const features = [feature, ...probed, await probeAgent(context)];
		const missing = features.filter(({ ok, needed }) => !ok && needed);
		const text = features.map(describe).join('');
		const summary =
			missing.length === 0 ? 'everything needed is there' : `missing: ${missing.map(({ name }) => name).join(', ')}`;
		return {
			text: `${text}${printableLine(summary)}\n`,
			json: { ok: missing.length === 0, features },
			exitStatus: missing.length === 0 ? 0 : 6,
		};
	},
};

function describe({ name, ok, needed, detail, fix }: Feature): string {
	const word = ok ? 'ok' : needed ? 'MISSING' : 'no';
	const remedy = ok ? '' : `         fix: ${printableLine(fix)}\n`;
	return `${word.padEnd(7)}  ${printableLine(`${name}: ${detail}`)}\n${remedy}`;
}

/** A doctor is often called before there is a configuration; the agent itself refuses to start without. */
function readConfiguration(context: CliContext): { config: Config | undefined; feature: Feature } {
	const name = 'configuration';
	try {
		const config = context.loadConfig();
		return { config, feature: { name, ok: true, needed: false, detail: context.configPath, fix: '' } };
	} catch (error) {
		if (!(error instanceof OctroiError)) {
			throw error;
		}
		const detail = error.message.replaceAll('\n', ';');
		return { config: undefined, feature: { name, ok: false, needed: false, detail, fix: error.fix ?? '' } };
	}
}

async function probeAgent(context: CliContext): Promise<Feature> {
	const name = 'agent';
	try {
		await context.ask('ping', {});
		return { name, ok: true, needed: false, detail: 'answers', fix: '' };
	} catch (error) {
		if (!(error instanceof OctroiError)) {
			throw error;
		}
		return { name, ok: false, needed: false, detail: error.message.replaceAll('\n', ';'), fix: error.fix ?? '' };
	}
}
