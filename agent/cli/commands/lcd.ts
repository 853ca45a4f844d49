import { OctroiError } from '../../core/octroi-error.ts';
import { oneOf, parsedText, textOf, type ValueRule } from '../../core/value-rule.ts';
import type { CliCommand } from '../cli-command.ts';
import type { RunLcdRequest } from '../cli-environment.ts';
import { readAccount, readValue } from '../read-value.ts';

const LCDD_DEFAULT = '127.0.0.1:13666';

const pixelFormat = oneOf(['mono-lsb', 'mono-msb', 'rgb565', 'xrgb8888']);
const page = oneOf(['overview', 'account', 'join']);
const rotation = oneOf(['0', '90', '180', '270']);
const portal = textOf(/^https?:\/\/[!-~]{1,200}$/, 'an address that begins with http:// or https://');
/** IEEE 802.11: at most 32 bytes. */
const network = parsedText((text) => {
	if (text === '' || Buffer.byteLength(text) > 32) {
		throw new Error(`${JSON.stringify(text)} is not a network's name of 1 to 32 bytes`);
	}
	return text;
}, "a network's name of 1 to 32 bytes");
const seconds = parsedText((text) => numberIn(text, { min: 10, max: 86_400 }), 'a whole number from 10 to 86400');
const size = parsedText((text) => {
	const [, width = '', height = ''] = /^(\d+)x(\d+)$/.exec(text) ?? [];
	return { width: numberIn(width, { min: 16, max: 4096 }), height: numberIn(height, { min: 8, max: 4096 }) };
}, 'WIDTHxHEIGHT in pixels');
const address = parsedText((text) => {
	const [, host = '', port = '13666'] = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(\d+))?$/.exec(text) ?? [];
	if (host === '') {
		throw new Error(`${JSON.stringify(text)} is not HOST or HOST:PORT`);
	}
	return { host: host.replace(/^\[|\]$/g, ''), port: numberIn(port, { min: 1, max: 65_535 }) };
}, 'HOST or HOST:PORT');

export const lcd: CliCommand = {
	words: ['lcd'],
	summary: "show figures on the router's own display",
	details: [
		'Drives character displays through LCDd (package lcdproc) and small panels through a framebuffer. Runs until it is',
		'stopped, and waits for what is not there: the agent, LCDd, or the device. Writes nothing to flash.',
		'Without --lcdd and --framebuffer it uses the LCDd of this machine. docs/displays.md shows how to wire displays.',
	],
	options: [
		{ name: 'lcdd', value: 'HOST:PORT', about: `the LCDd to use (default: ${LCDD_DEFAULT})` },
		{ name: 'framebuffer', value: 'PATH', about: 'draw on this device, such as /dev/fb1, or into a file' },
		{ name: 'size', value: 'WxH', about: 'pixels of the framebuffer (default: as the kernel says)' },
		{ name: 'pixels', value: 'FORMAT', about: 'mono-lsb, mono-msb, rgb565 or xrgb8888 (default: as the kernel says)' },
		{ name: 'rotate', value: 'DEGREES', about: '90, 180 or 270 clockwise, if the panel is mounted so' },
		{ name: 'invert', about: 'dark on light, or a panel on which 0 shines' },
		{ name: 'orbit', about: 'move the picture by a pixel each minute, against burn-in' },
		{ name: 'rest', value: 'SECONDS', about: 'go dark when nobody was on for that long (10 to 86400)' },
		{ name: 'page', value: 'NAME', about: 'framebuffer: stay on overview, account or join, except for alerts' },
		{ name: 'account', value: 'ACCOUNT', about: 'show large what is left of this account' },
		{ name: 'wifi', value: 'NAME', about: 'framebuffer: show a code that joins this Wi-Fi' },
		{ name: 'wifi-password-file', value: 'FILE', about: 'its password, in the first line (default: an open network)' },
		{ name: 'portal', value: 'URL', about: 'framebuffer: show a code that opens this page' },
	],
	examples: [
		{ line: 'octroi lcd', about: "on the character display of this machine's LCDd" },
		{ line: 'octroi lcd --account room-1', about: 'what is left for one guest, in big digits' },
		{ line: 'octroi lcd --framebuffer /dev/fb0 --portal https://wifi.example/', about: 'on a small colour panel' },
		{ line: 'octroi lcd --framebuffer /dev/fb0 --orbit --rest 600', about: 'on an OLED, kept from burning in' },
	],
	exits: [2],
	async run({ options, flags }, { environment, socketOf }) {
		const optional = <Value>(rule: ValueRule<Value>, text: string | undefined) =>
			text === undefined ? undefined : readValue(rule, text);
		const framebuffer = readFramebuffer(options, flags);
		const restSeconds = optional(seconds, options.rest);
		const hasLcdd = options.lcdd !== undefined || framebuffer === undefined;
		refuseAlone(options, 'wifi-password-file', 'wifi');
		await environment.runLcd({
			socket: socketOf('status'),
			lcdd: hasLcdd ? readValue(address, options.lcdd ?? LCDD_DEFAULT) : undefined,
			framebuffer,
			account: options.account === undefined ? undefined : readAccount(options.account),
			wifi:
				options.wifi === undefined
					? undefined
					: { name: readValue(network, options.wifi), passwordFile: options['wifi-password-file'] },
			portal: optional(portal, options.portal),
			restAfterMs: restSeconds === undefined ? undefined : restSeconds * 1000,
		});
		return { text: '', json: undefined };
	},
};

function readFramebuffer(
	options: Readonly<Record<string, string>>,
	flags: ReadonlySet<string>,
): RunLcdRequest['framebuffer'] {
	const path = options.framebuffer;
	if (path === undefined) {
		for (const name of ['size', 'pixels', 'rotate', 'page', 'wifi', 'portal']) {
			refuseAlone(options, name, 'framebuffer');
		}
		return undefined;
	}
	return {
		path,
		size: options.size === undefined ? undefined : readValue(size, options.size),
		format: options.pixels === undefined ? undefined : readValue(pixelFormat, options.pixels),
		rotateDegrees: Number(readValue(rotation, options.rotate ?? '0')) as 0 | 90 | 180 | 270,
		isInverted: flags.has('invert'),
		isOrbiting: flags.has('orbit'),
		page: options.page === undefined ? undefined : readValue(page, options.page),
	};
}

/** An option that would do nothing is a mistake. */
function refuseAlone(options: Readonly<Record<string, string>>, name: string, needed: string): void {
	if (options[name] !== undefined && options[needed] === undefined) {
		throw new OctroiError('usage', `--${name} needs --${needed}`, { fix: 'octroi lcd --help' });
	}
}

function numberIn(text: string, { min, max }: { min: number; max: number }): number {
	const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
	if (!(value >= min && value <= max)) {
		throw new Error(`${JSON.stringify(text)} is not a whole number from ${min} to ${max}`);
	}
	return value;
}
