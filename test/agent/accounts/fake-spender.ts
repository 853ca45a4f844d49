import type { Spender } from '../../../agent/accounts/spending.ts';
import { OctroiError } from '../../../agent/core/octroi-error.ts';
import type { AccountId, MacAddress } from '../../../agent/core/units.ts';

/** Attaches stations to accounts, as the meter does, without a kernel; each step lets others run. */
export class FakeSpender implements Spender {
	readonly attached = new Map<MacAddress, AccountId>();
	/** What happened, in order: `+mac account`, `-mac reason`. */
	readonly events: string[] = [];
	/** Attaching to this account fails. */
	refused: AccountId | undefined;

	async credit<Value>(_account: AccountId, work: () => Value): Promise<Value> {
		await Promise.resolve();
		return work();
	}

	async withdraw<Value>(_account: AccountId, work: () => Value): Promise<Value> {
		await Promise.resolve();
		return work();
	}

	async attach(mac: MacAddress, account: AccountId): Promise<void> {
		if (this.attached.has(mac)) throw new OctroiError('not_allowed', 'attached already');
		await Promise.resolve();
		if (account === this.refused) throw new OctroiError('netlink_refused', 'no');
		this.attached.set(mac, account);
		this.events.push(`+${mac.slice(-2)} ${account}`);
	}

	async detach(mac: MacAddress, reason: string): Promise<void> {
		await Promise.resolve();
		this.attached.delete(mac);
		this.events.push(`-${mac.slice(-2)} ${reason}`);
	}

	accountOf(mac: MacAddress): AccountId | undefined {
		return this.attached.get(mac);
	}

	stations(account: AccountId): MacAddress[] {
		return [...this.attached].filter(([, one]) => one === account).map(([mac]) => mac);
	}
}
