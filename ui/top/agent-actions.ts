import type { AccountId, MacAddress } from '../../agent/core/units.ts';
import { askAgent } from '../../agent/status/client.ts';
import { liveAccount } from '../../agent/status/live-account.ts';
import type { Action } from './top-state.ts';
import type { StationDetail } from './view-input.ts';

/** Fills the tallest screen. */
const EVENTS_MAX = 40;

export type AgentSockets = {
	readonly status: string;
	/** Undefined: it may not be used. */
	readonly control: string | undefined;
};

/** What the dashboard asks and orders beside the stream: each on a connection of its own. */
export class AgentActions {
	readonly #sockets: AgentSockets;

	constructor(sockets: AgentSockets) {
		this.#sockets = sockets;
	}

	/** Why this user may not change anything; undefined if it may. Never rejects. */
	async refusal(): Promise<string | undefined> {
		const { control } = this.#sockets;
		if (control === undefined) return 'read-only: this display was started with --read-only';
		try {
			await askAgent({ path: control }, 'ping', {});
			return undefined;
		} catch (error) {
			return `read-only: ${messageOf(error)}`;
		}
	}

	/** Does it, and says what came of it. Never rejects. */
	async perform(action: Action, newTransferId: () => string): Promise<{ text: string; style: 'good' | 'bad' }> {
		const path = this.#sockets.control;
		if (path === undefined) return { text: 'this display may not change anything', style: 'bad' };
		try {
			return { text: await order({ path }, action, newTransferId), style: 'good' };
		} catch (error) {
			return { text: messageOf(error), style: 'bad' };
		}
	}

	/** @throws OctroiError `agent_unreachable`, or of any code that the commands have */
	async detail(mac: string, account: string | undefined): Promise<StationDetail> {
		const path = this.#sockets.status;
		const { tethering } = await askAgent({ path }, 'station.show', { mac: mac as MacAddress });
		if (account === undefined) return { mac, tethering, account: undefined, events: [] };
		const named = { account: account as AccountId };
		return {
			mac,
			tethering,
			account: liveAccount(await askAgent({ path }, 'account.show', named)),
			events: await askAgent({ path }, 'account.history', { ...named, limit: EVENTS_MAX }),
		};
	}
}

async function order(options: { path: string }, action: Action, newTransferId: () => string): Promise<string> {
	switch (action.kind) {
		case 'block':
			await askAgent(options, 'account.block', { account: action.account as AccountId });
			return `${action.account} is blocked`;
		case 'unblock':
			await askAgent(options, 'account.unblock', { account: action.account as AccountId });
			return `${action.account} may go on`;
		case 'detach':
			await askAgent(options, 'station.detach', { mac: action.mac as MacAddress });
			return `${action.mac} is detached`;
		case 'topup': {
			const { account, plan } = action;
			// One id for one confirmation: if the answer is lost, the operator sees the sale in the ledger.
			await askAgent(options, 'account.topup', { account: account as AccountId, plan, transfer: newTransferId() });
			return `${account} is credited with ${plan}`;
		}
	}
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
