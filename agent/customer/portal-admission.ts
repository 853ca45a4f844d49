import type { Identity } from '../accounts/identity.ts';
import type { Entry } from '../accounts/redemption.ts';
import type { AccountId } from '../core/units.ts';
import type { Left, PortalService, RedeemAnswer, Unproven } from '../portal/service.ts';
import type { Peer, Requester } from '../session/requester.ts';

export type PortalAdmissionParts = {
	readonly identity: Identity;
	/** What a hardware address spends. */
	readonly accountOf: (mac: Requester['mac']) => AccountId | undefined;
	readonly state: PortalService['state'];
	/** Whether the DHCP server has given him his address. */
	readonly leases: (who: Peer) => boolean;
	/** Whether {@link take} would bind his address. Asked first: nobody pays for what the kernel would not give him. */
	readonly isTakeable: (who: Peer) => Promise<boolean>;
	/** From now on his address belongs to the session of his hardware address. False: it is another station's. */
	readonly take: (who: Peer) => Promise<boolean>;
};

const TAKEN = { answer: 'address_taken' } as const;

/**
 * Lets devices in at the portal, by a code or by another device's, and keeps clones from taking a device out of where it is: whoever comes
 * with the hardware address of somebody's session, but not by an address of it, comes in by the code of that session alone; and whoever
 * leaves an account that has credit gives its code.
 */
export class PortalAdmission {
	readonly #parts: PortalAdmissionParts;

	constructor(parts: PortalAdmissionParts) {
		this.#parts = parts;
	}

	prove(who: Requester, account: AccountId, typed: string): Unproven | undefined {
		const proof = this.#parts.identity.proof.prove({ typed, account, mac: who.mac, guesser: this.#guesserOf(who) });
		return proof.answer === 'proven' ? undefined : (proof as Unproven);
	}

	/** Whoever spends an account already tops it up; to everybody else the code opens its own. */
	async redeem(who: Requester, typed: string, proof: string): Promise<RedeemAnswer> {
		const { desk, proof: proofs } = this.#parts.identity;
		const { mac, account } = who;
		const guesser = this.#guesserOf(who);
		const found = proofs.look(typed, mac, guesser);
		if (account === undefined) {
			const left = found === undefined ? undefined : this.#leaves(who, found.opens, proof);
			if (found !== undefined && left === undefined && !(await this.#parts.isTakeable(who))) return TAKEN;
			return left ?? this.#entered(who, await desk.enter({ typed, mac, guesser }), false);
		}
		const entry = await desk.enter({ typed, mac, account, guesser });
		if (entry.answer !== 'bound' && entry.answer !== 'used') return this.#entered(who, entry, true);
		// A code that belongs to an account already takes the station there: the identity is the code.
		const left = this.#leaves(who, found?.opens, proof);
		if (left !== undefined) return left;
		const opened = await desk.enter({ typed, mac, guesser });
		const isIn = opened.answer === 'returned' || opened.answer === 'redeemed';
		return this.#entered(who, isIn ? opened : entry, !isIn);
	}

	async join(who: Requester, typed: string, proof: string): ReturnType<NonNullable<PortalService['pairing']>['join']> {
		const { pairing } = this.#parts.identity;
		const to = pairing.look(typed, this.#guesserOf(who));
		const left = to === undefined ? undefined : this.#leaves(who, to, proof);
		if (left !== undefined) return left;
		if (to !== undefined && !(await this.#parts.isTakeable(who))) return TAKEN;
		const paired = await pairing.confirm(typed, who.mac, this.#guesserOf(who));
		if (paired.answer === 'wait') return { answer: 'wait', waitMs: paired.waitMs };
		if (paired.answer === 'paired' && !(await this.#parts.take(who))) return TAKEN;
		return { answer: paired.answer };
	}

	/** Takes the free plan into the device's own account for it. */
	async takeFree(who: Requester, proof: string, free: { account: AccountId; take: () => Promise<boolean> }) {
		const left = this.#leaves(who, free.account, proof);
		if (left !== undefined) return left;
		if (!(await this.#parts.isTakeable(who))) return TAKEN;
		if (!(await free.take())) return { answer: 'used' } as const;
		if (!(await this.#parts.take(who))) return TAKEN;
		return { answer: 'taken' } as const;
	}

	/** Whose wrong codes these are: whoever wears a hardware address without its lease must not make the leaseholder wait. */
	#guesserOf(who: Requester): string {
		return this.#parts.leases(who) ? who.mac : `${who.mac} without its lease`;
	}

	/** Why a device may not go to an account; undefined: it may. Without `to`: to one that is made for it. */
	#leaves(who: Requester, to: AccountId | undefined, typed: string): Left | undefined {
		const { accountOf, leases, state } = this.#parts;
		const { mac, account, isContested } = who;
		const from = account ?? (isContested ? accountOf(mac) : undefined);
		if (from === undefined || from === to) return undefined;
		if (account === undefined) return leases(who) ? undefined : { answer: 'contested' };
		// What is left there when nothing is left is nothing that could be lost.
		if (state(who) === 'blocked') return undefined;
		const why = this.prove(who, account, typed);
		return why && { answer: 'unproven', why };
	}

	async #entered(who: Requester, entry: Entry, isTopUp: boolean): Promise<RedeemAnswer> {
		switch (entry.answer) {
			case 'redeemed':
			case 'returned':
				// Whoever gives the code of a session has it, by whatever address he comes.
				if ((entry.opens || !isTopUp) && !(await this.#parts.take(who))) return TAKEN;
				return { answer: entry.answer === 'redeemed' && isTopUp ? 'topped_up' : entry.answer };
			case 'wait':
				return { answer: 'wait', waitMs: entry.waitMs };
			case 'mistyped':
				return { answer: entry.mistyped === 'several' || entry.mistyped === 'network' ? entry.mistyped : 'mistyped' };
			case 'no_account':
			case 'blocked':
			case 'bound':
			case 'void':
				return { answer: 'refused' };
			default:
				return { answer: entry.answer };
		}
	}
}
