/**
 * Why an address is not its sender's; one closed list. `leased`: the DHCP server has leased it to another station, or to another client of this
 * hardware address. `elsewhere`: the session is at another device. `taken`: another station has it, and answers for it. `second`: the session has
 * another address of IPv4. `unproven`: nothing shows that it is on the device whose session it is. `unclear`: just now somebody else sends with
 * its hardware address, too; it may ask again at once.
 */
export type Refusal = 'leased' | 'elsewhere' | 'taken' | 'second' | 'unproven' | 'unclear';

/**
 * So long a refusal stands: in the kernel, where it ends the silence, and for pages. Then the address may ask anew. What nothing has shown may only
 * have been missed, by a telephone that slept or on a busy air: nobody who pays is kept out for long by that. As long as TCP waits
 * before it asks for the third time (RFC 6298), so that a refusal is heard.
 */
export const DENIED_MS: Readonly<Record<Refusal, number>> = {
	leased: 20_000,
	elsewhere: 20_000,
	taken: 20_000,
	second: 20_000,
	unproven: 6000,
	unclear: 0,
};
