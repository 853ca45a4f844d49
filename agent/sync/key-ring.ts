import type { PublicKey } from '../../protocol/policy.ts';
import { type Key, keyOf } from '../../protocol/signature.ts';

/** The platform's public keys: those of the configuration, and those of the policy, without the revoked ones. */
export class KeyRing {
	readonly #configured: readonly PublicKey[];
	#keys = new Map<string, Key>();

	constructor(configured: readonly PublicKey[]) {
		this.#configured = configured;
	}

	get(kid: string): Key | undefined {
		return this.#keys.get(kid);
	}

	get names(): readonly string[] {
		return [...this.#keys.keys()];
	}

	/** A key of the configuration is not replaced by one of the same name. */
	async renew(added: readonly PublicKey[] = [], revoked: readonly string[] = []): Promise<void> {
		const keys = new Map<string, Key>();
		for (const key of [...added, ...this.#configured]) {
			if (!revoked.includes(key.kid)) keys.set(key.kid, await keyOf(key));
		}
		this.#keys = keys;
	}
}
