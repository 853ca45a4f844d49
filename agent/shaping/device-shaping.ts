/** Who holds the rates on one device. */
export type DeviceShaping = {
	readonly device: string;
	readonly direction: 'up' | 'down';
	readonly by: 'queue' | 'limit';
	readonly classes: number;
	readonly droppedPackets: number;
	/** The queueing discipline of somebody else, that is in the way. */
	readonly foreign?: string;
};

/** Where rates are held by dropping packets, and why: a sentence for people; undefined: nowhere. */
export function describeProblem(hasHtb: boolean, devices: readonly DeviceShaping[]): string | undefined {
	if (!hasHtb) return 'speeds are held by dropping packets: the kernel has no htb (kmod-sched-core)';
	const foreign = devices.filter((device) => device.foreign !== undefined);
	if (foreign.length === 0) return undefined;
	const list = foreign.map(({ device, foreign: kind }) => `${device} (${kind})`).join(', ');
	return `speeds are held by dropping packets on ${list}: its queueing discipline is of somebody else, and is left alone`;
}
