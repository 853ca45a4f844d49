import { constants } from 'node:os';
import { OctroiError } from '../core/octroi-error.ts';
import { AttributeCursor } from './attribute.ts';
import { NLM_F_ACK_TLVS, NLM_F_CAPPED, NLMSG_ERROR, NLMSGERR_ATTR_MSG, NLMSGERR_ATTR_OFFS } from './constants.ts';
import { align, HEADER_BYTES, type NetlinkMessage } from './message.ts';

/** One message that the kernel refused. */
export type Refusal = {
	/** Name of the error number: `ENOENT`, `EEXIST`, `EBUSY`, `EPERM` … */
	readonly errno: string;
	/** Which message of the batch, from 0; −1 when the batch as a whole was refused; 0 for a single request. */
	readonly index: number;
	/** The kernel's own words (NLMSGERR_ATTR_MSG), if it has any and the socket option could be set. */
	readonly text: string | undefined;
	/**
	 * Where in the message (header included) the attribute begins that the kernel objects to (NLMSGERR_ATTR_OFFS);
	 * see `elementAt` for messages with many elements.
	 */
	readonly offset: number | undefined;
};

/** What the kernel refused, from an error of a connection; empty for every other error. */
export function refusalOf(error: unknown): readonly Refusal[] {
	return error instanceof OctroiError && error.code === 'netlink_refused' && Array.isArray(error.cause)
		? error.cause
		: [];
}

/** The error of a refused exchange. @param what one line per message that was sent, for the text */
export function refusedError(refusals: readonly Refusal[], what: (index: number) => string): OctroiError {
	const [first] = refusals as [Refusal];
	const more = refusals.length > 1 ? ` (and ${refusals.length - 1} more refused)` : '';
	const text = first.text ? `: ${first.text}` : '';
	return new OctroiError(
		'netlink_refused',
		`the kernel refused to ${what(first.index)}: ${first.errno}${text}${more}`,
		{
			cause: refusals,
			...(first.errno === 'EPERM'
				? { fix: 'run the agent with CAP_NET_ADMIN in the network namespace of the router' }
				: {}),
		},
	);
}

/**
 * Error number and words of NLMSG_ERROR (struct nlmsgerr, linux/netlink.h) or of NLMSG_DONE; number 0 is an acknowledgement.
 *
 * @throws OctroiError `netlink_malformed`
 */
export function readAnswer(message: NetlinkMessage): Answer {
	const { buffer, start, end } = message;
	const isError = message.type === NLMSG_ERROR;
	if (end - start < (isError ? 4 + HEADER_BYTES : 4)) {
		if (!isError) return { error: 0, text: undefined, offset: undefined };
		throw new OctroiError('netlink_malformed', `netlink error message of ${end - start} bytes`);
	}
	const error = -buffer.readInt32LE(start);
	if ((message.flags & NLM_F_ACK_TLVS) === 0) return { error, text: undefined, offset: undefined };
	let attributes = start + 4;
	if (isError) {
		// Without NETLINK_CAP_ACK the kernel repeats our whole message before its own attributes.
		const echoed = message.flags & NLM_F_CAPPED ? HEADER_BYTES : align(buffer.readUInt32LE(start + 4));
		attributes += echoed;
	}
	return { error, ...readExtended(new AttributeCursor(buffer, attributes, end)) };
}

type Extended = Pick<Refusal, 'text' | 'offset'>;
type Answer = Extended & { error: number };

function readExtended(cursor: AttributeCursor): Extended {
	let text: string | undefined;
	let offset: number | undefined;
	while (cursor.next()) {
		if (cursor.type === NLMSGERR_ATTR_MSG) text = cursor.string();
		else if (cursor.type === NLMSGERR_ATTR_OFFS) offset = cursor.u32le();
	}
	return { text, offset };
}

const names = new Map<number, string>();
for (const [name, number] of Object.entries(constants.errno)) if (!names.has(number)) names.set(number, name);
// One number, two names: the kernel's netfilter code says the second.
names.set(constants.errno.ENOTSUP, 'EOPNOTSUPP');

/** The name of an error number, or the number itself if Node has no name for it. */
export function errnoName(error: number): string {
	return names.get(error) ?? `errno ${error}`;
}
