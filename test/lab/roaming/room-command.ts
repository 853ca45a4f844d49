/** What the scenario tells a room; one JSON object a line. */
export type RoomCommand =
	| { readonly command: 'agent'; readonly accessPoint: string; readonly key: string; readonly brokerSocket: string }
	| { readonly command: 'attach'; readonly account: string }
	/** The same, with credit that lives here. */
	| { readonly command: 'admit'; readonly account: string; readonly plan: string }
	| { readonly command: 'detach' }
	| { readonly command: 'download' | 'upload'; readonly bitsPerSecond: number; readonly holdAtBytes?: number }
	/** Its flows may send so many payload bytes in all, and then wait. */
	| { readonly command: 'hold'; readonly atBytes: number }
	| { readonly command: 'halt' }
	| { readonly command: 'uplink'; readonly isUp: boolean }
	/** What was lost between meter and counters takes a while to find out. */
	| { readonly command: 'read'; readonly withLosses?: true }
	/** Detaches, and throws unless the ledger has what the counters have. */
	| { readonly command: 'finish' };

export type RoomReading = {
	/** Layer-3 bytes of the station, both directions, by counters in other namespaces than the router's. */
	readonly deliveredBytes: number;
	readonly upBytes: number;
	readonly downBytes: number;
	readonly state: string;
	readonly isConnected: boolean;
	/** What the platform has not acknowledged: batches, sessions, events. */
	readonly waits: number;
	/** Packets that were lost behind the meter: then it rightly has more than the counters. */
	readonly lostPackets?: number;
};

export type RoomAnswer =
	| { readonly ok: true; readonly reading?: RoomReading }
	| { readonly ok: false; readonly problem: string };
