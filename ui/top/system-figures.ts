/** How the router is. What it does not tell is undefined. */
export type SystemFigures = {
	readonly cpuPercent: number;
	readonly cores: number;
	readonly loads: readonly [number, number, number];
	readonly memoryBytes: number;
	readonly memoryUsedBytes: number;
	readonly temperatureCelsius: number | undefined;
	readonly disks: readonly { readonly mount: string; readonly bytes: number; readonly usedBytes: number }[];
	readonly upSeconds: number;
};

/** A router has a few; a server with containers has hundreds. */
const DISKS_MAX = 8;

/** Loaded when the screen is first opened: it weighs some MiB. */
export async function readSystemFigures(): Promise<SystemFigures> {
	const { default: information } = await import('systeminformation');
	const [load, memory, temperature, disks] = await Promise.all([
		information.currentLoad(),
		information.mem(),
		information.cpuTemperature(),
		information.fsSize(),
	]);
	const { cpus, loadavg } = await import('node:os');
	return {
		cpuPercent: load.currentLoad,
		cores: cpus().length,
		loads: loadavg() as [number, number, number],
		memoryBytes: memory.total,
		memoryUsedBytes: memory.active,
		temperatureCelsius: temperature.main ?? undefined,
		disks: disks
			.filter(({ size }) => size > 0)
			.slice(0, DISKS_MAX)
			.map(({ mount, size, used }) => ({ mount, bytes: size, usedBytes: used })),
		upSeconds: information.time().uptime,
	};
}
