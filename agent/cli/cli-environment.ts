import type { Config } from '../config/config.ts';
import type { VerifyReport } from '../ledger/verify.ts';

/** One thing that the kernel or the system must (or should) have. */
export type Feature = {
	name: string;
	ok: boolean;
	/** `must`: the doctor fails without it. `should`: something configured works worse. `optional`: nothing configured needs it. */
	grade: 'must' | 'should' | 'optional';
	detail: string;
	fix: string;
};

export type RunAgentOptions = { config: Config; logLevel: string };

/** Paths of sockets; without the control socket nothing can be changed. */
export type RunTopRequest = {
	status: string;
	control: string | undefined;
	isAscii: boolean;
	/** The screen that is open first. */
	screen: 'overview' | 'stations' | 'ledger' | 'system';
};

/** What displays to run, and what on them. Words were checked; files were not opened. */
export type RunLcdRequest = {
	/** The agent's status socket. */
	socket: string;
	lcdd: { host: string; port: number } | undefined;
	framebuffer:
		| {
				path: string;
				size: { width: number; height: number } | undefined;
				format: 'mono-lsb' | 'mono-msb' | 'rgb565' | 'xrgb8888' | undefined;
				rotateDegrees: 0 | 90 | 180 | 270;
				isInverted: boolean;
				isOrbiting: boolean;
				page: 'overview' | 'account' | 'join' | undefined;
		  }
		| undefined;
	account: string | undefined;
	wifi: { name: string; passwordFile: string | undefined } | undefined;
	portal: string | undefined;
	restAfterMs: number | undefined;
};

/** What the commands need of the rest of the program and of the process. Only `main` makes one. */
export type CliEnvironment = {
	readonly version: string;
	writeOut(text: string): void;
	writeError(text: string): void;
	/** Runs until it is told to stop (SIGTERM, SIGINT); rejects if it cannot start or a defect stops it. */
	runAgent(options: RunAgentOptions): Promise<void>;
	/** The dashboard, until it is quit. */
	runTop(request: RunTopRequest): Promise<void>;
	/** The router's displays, until it is told to stop. @throws OctroiError `invalid_value` */
	runLcd(request: RunLcdRequest): Promise<void>;
	/** Probes one by one; never rejects for a missing one. The configuration is absent if it could not be read. */
	probeFeatures(config: Config | undefined): Promise<readonly Feature[]>;
	/** @throws OctroiError `not_found`, `ledger_unwritable`, `ledger_too_new` */
	verifyLedger(path: string): Promise<VerifyReport>;
};
