import { readFileSync } from 'node:fs';
import { decodeText } from '../../protocol/decode-text.ts';
import type { Log } from '../core/log.ts';
import { OWN_SIGNATURES } from './own-signatures.ts';
import type { Signature } from './signature.ts';
import { parseSignatureFile } from './signature-file.ts';

/** p0f's is 40 KiB; what is much longer is another file. */
const FILE_BYTES_MAX = 1 << 20;

/** Our own signatures, then those of p0f's database, where one is installed. Without it old systems have no name, and that is all. */
export function loadSignatures({ path, log }: { path: string | undefined; log: Log }): readonly Signature[] {
	const own = parseSignatureFile(OWN_SIGNATURES).signatures;
	if (path === undefined) return own;
	try {
		const text = decodeText(readFileSync(path));
		if (text.length > FILE_BYTES_MAX) throw new RangeError(`it has ${text.length} bytes`);
		const { signatures, problems } = parseSignatureFile(text);
		if (problems.length > 0) log.warn({ path, problems }, 'lines of the signature database make no sense');
		log.info({ path, signatures: signatures.length }, 'signatures of systems were read');
		return [...own, ...signatures];
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') log.debug({ path }, 'no signature database is installed');
		else log.warn({ path, error }, 'the signature database cannot be read');
		return own;
	}
}
