/** Systems that a station can be. What is told apart by more than one kind of sign, and no more. */
export type System =
	| 'android'
	| 'linux'
	| 'windows'
	| 'apple'
	| 'xbox'
	| 'playstation'
	| 'nintendo'
	| 'freebsd'
	| 'openbsd'
	| 'solaris'
	| 'other';

/** Which TCP stack a system speaks with; absent: not known well enough to hold it against anybody. */
const STACK: Partial<Record<System, System>> = {
	android: 'linux',
	linux: 'linux',
	windows: 'windows',
	xbox: 'windows',
	apple: 'apple',
	freebsd: 'freebsd',
	openbsd: 'openbsd',
	solaris: 'solaris',
};

/** Do a system (from DHCP or DNS) and a stack's system (from a SYN) contradict each other? Not if either is unknown. */
export function contradictsStack(system: System | undefined, stack: System | undefined): boolean {
	const first = system && STACK[system];
	const second = stack && STACK[stack];
	return first !== undefined && second !== undefined && first !== second;
}

/** Names that a system may ask for beside its own: an Xbox asks Microsoft's, ChromeOS and some desktops ask Android's. */
const MAY_ASK_FOR: Partial<Record<System, readonly System[]>> = {
	xbox: ['windows'],
	windows: ['xbox'],
	linux: ['android'],
};

/** Would a station that says in its DHCP request that it is `system` ask for a connectivity check of `asked`? */
export function contradictsName(system: System, asked: System): boolean {
	return system !== asked && !MAY_ASK_FOR[system]?.includes(asked);
}

/** For people. */
export const SYSTEM_NAMES: Readonly<Record<System, string>> = {
	android: 'Android',
	linux: 'Linux',
	windows: 'Windows',
	apple: 'an Apple system',
	xbox: 'an Xbox',
	playstation: 'a PlayStation',
	nintendo: 'a Nintendo console',
	freebsd: 'FreeBSD',
	openbsd: 'OpenBSD',
	solaris: 'Solaris',
	other: 'another system',
};
