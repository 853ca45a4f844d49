/** Our table's sets whose elements dnsmasq adds: addresses of the names that it resolves. The kernel side ends in 4 or 6. */
export const NAMED_SETS = { garden: 'garden_names', zeroRated: 'free_names' } as const;
