/** What the scenario tells a room; one JSON object a line. */
export type RoomCommand =
	| { readonly command: 'agent'; readonly accessPoint: string; readonly key: string; readonly brokerSocket: string }
	| { readonly command: 'attach'; readonly account: string }
	| { readonly command: 'detach' }
	| { readonly command: 'download'; readonly bitsPerSecond: number }
	| { readonly command: 'halt' }
	| { readonly command: 'uplink'; readonly isUp: boolean }
	| { readonly command: 'read' }
	| { readonly command: 'finish' };

export type RoomReading = {
	/** Layer-3 bytes of the station, both directions, by counters in other namespaces than the router's. */
	readonly deliveredBytes: number;
	readonly state: string;
	readonly isConnected: boolean;
};

export type RoomAnswer =
	| { readonly ok: true; readonly reading?: RoomReading }
	| { readonly ok: false; readonly problem: string };
