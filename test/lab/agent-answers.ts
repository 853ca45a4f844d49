/** What the lab reads of the agent's answers: written down a second time on purpose, so that a changed protocol fails here. */
export type StationRow = {
	addresses: readonly string[];
	mac: string;
	state: string;
	account?: string;
	upBytes: number;
	downBytes: number;
	upBytesPerSecond: number;
	downBytesPerSecond: number;
	tethered?: { upBytes: number; downBytes: number; state: string };
	zeroRated?: { upBytes: number; downBytes: number };
};

export type BalanceRow = { available: number; reserved: number };

export type AccountRow = {
	account: string;
	state: string;
	balance: { byte: BalanceRow; second: BalanceRow; micro: BalanceRow };
	packages: { id: string; plan: string; unit: string; amount: number; remaining: number; reserved: number }[];
	stations: string[];
};
