import { parseSignature, type Signature, type SignatureLabel } from './signature.ts';
import type { System } from './system.ts';

export type SignatureFile = {
	readonly signatures: readonly Signature[];
	/** `line 17: MSS x`. At most {@link PROBLEMS_MAX}. */
	readonly problems: readonly string[];
};

/** p0f 3.09 has 89; a file with more than this is not one of people's making, and each costs memory. */
const SIGNATURES_MAX = 2000;
/** Enough to see what kind of file it is. */
const PROBLEMS_MAX = 5;
/** What people read in a list of evidence. */
const LABEL_CHARACTERS_MAX = 60;

/** Only SYNs are met here; the other sections (`mtu`, `tcp:response`, `http:…`) are p0f's own. */
const SECTION = 'tcp:request';

/** Reads a database in p0f's format. Lines that make no sense are passed over and reported: the others are of use without them. */
export function parseSignatureFile(text: string): SignatureFile {
	const signatures: Signature[] = [];
	const problems: string[] = [];
	const problem = (line: number, what: string) => {
		if (problems.length < PROBLEMS_MAX) problems.push(`line ${line}: ${what.slice(0, LABEL_CHARACTERS_MAX)}`);
	};
	let section = '';
	let label: SignatureLabel | undefined;
	for (const [index, raw] of text.split('\n').entries()) {
		const line = raw.trim();
		if (line === '' || line.startsWith(';')) continue;
		const heading = /^\[(.+)\]$/.exec(line);
		if (heading) [section, label] = [heading[1] as string, undefined];
		if (heading || section !== SECTION) continue;
		const [, key, value] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? [];
		if (key === 'label') {
			label = labelOf(value as string);
			if (label === undefined) problem(index + 1, `label ${value}`);
		} else if (key === 'sig' && label !== undefined) {
			const signature = parseSignature(value as string, label);
			if (typeof signature === 'string') problem(index + 1, signature);
			else if (signatures.length < SIGNATURES_MAX) signatures.push(signature);
			else problem(index + 1, `more than ${SIGNATURES_MAX} signatures`);
		} else if (key === 'sig') problem(index + 1, 'a signature without a label');
		else if (key !== 'sys') problem(index + 1, 'neither label, sys nor sig');
	}
	return { signatures, problems };
}

/** `s:unix:Linux:3.11 and newer`: specific or generic, class, name, flavor. Class `!` is a tool. */
function labelOf(text: string): SignatureLabel | undefined {
	const match = /^([sg]):([^:]*):([^:]*):(.*)$/.exec(text);
	if (match === null) return undefined;
	const [, kind, group, name, flavor] = match as unknown as [string, string, string, string, string];
	return {
		label: `${name} ${flavor}`
			.replaceAll(/[^\x20-\x7e]/g, '')
			.trim()
			.slice(0, LABEL_CHARACTERS_MAX),
		system: group === 'win' ? 'windows' : systemOf(name),
		isSpecific: kind === 's',
		isTool: group === '!',
	};
}

function systemOf(name: string): System {
	if (/^Linux/i.test(name)) return 'linux';
	if (/^(?:Mac ?OS|iOS)/i.test(name)) return 'apple';
	if (/^FreeBSD/i.test(name)) return 'freebsd';
	if (/^OpenBSD/i.test(name)) return 'openbsd';
	if (/^(?:Solaris|SunOS)/i.test(name)) return 'solaris';
	return 'other';
}
