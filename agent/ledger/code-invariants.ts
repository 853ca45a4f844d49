import { type Invariant, none } from './invariant.ts';

/** What is always true of vouchers and gifts. */
export const CODE_INVARIANTS: readonly Invariant[] = [
	none(
		'codes_known',
		'each voucher and each gift has one code, and a batch as many vouchers as it says',
		`SELECT 'voucher ' || v.number || ' has ' || count(c.hash) || ' codes' FROM voucher AS v
			LEFT JOIN code AS c ON c.voucher = v.number
		GROUP BY v.number HAVING count(c.hash) <> 1
		UNION ALL
		SELECT 'gift ' || g.id || ' has ' || count(c.hash) || ' codes' FROM gift AS g
			LEFT JOIN code AS c ON c.gift = g.number
		GROUP BY g.number HAVING count(c.hash) <> 1
		UNION ALL
		SELECT 'batch ' || b.id || ' has ' || count(v.number) || ' of ' || b.count || ' vouchers'
		FROM voucher_batch AS b LEFT JOIN voucher AS v ON v.batch = b.number
		GROUP BY b.number HAVING count(v.number) <> b.count OR max(v.serial) <> b.count`,
	),
	none(
		'vouchers_credited_once',
		'each redeemed voucher credited its account once with what its batch sells, and no other voucher did',
		`WITH owed (id, account, amount, unit) AS (
			SELECT '~voucher-' || b.id || '-' || v.serial, v.account, b.terms ->> 'amount', b.terms ->> 'unit'
			FROM voucher AS v JOIN voucher_batch AS b ON b.number = v.batch WHERE v.account IS NOT NULL AND b.account IS NULL
			UNION ALL
			SELECT DISTINCT '~set-' || b.id, b.account, b.terms ->> 'amount', b.terms ->> 'unit'
			FROM voucher_batch AS b JOIN voucher AS v ON v.batch = b.number AND v.account IS NOT NULL
			WHERE b.account IS NOT NULL
		), credited (id, account, amount, unit) AS (
			SELECT id, account, amount, unit FROM transfer
			WHERE reason = 'topup' AND (id GLOB '~voucher-*' OR id GLOB '~set-*')
		)
		SELECT id || ' was redeemed and not credited' FROM (SELECT * FROM owed EXCEPT SELECT * FROM credited)
		UNION ALL
		SELECT id || ' was credited and not redeemed' FROM (SELECT * FROM credited EXCEPT SELECT * FROM owed)`,
	),
	none(
		'vouchers_fit',
		'no voucher is both void and redeemed, and the cards of a set are redeemed into its account',
		`SELECT 'voucher ' || b.id || ' ' || v.serial FROM voucher AS v JOIN voucher_batch AS b ON b.number = v.batch
		WHERE (b.account IS NULL AND v.account IS NOT NULL AND v.revoked_wall_ms IS NOT NULL)
			OR (b.account IS NOT NULL AND v.account <> b.account) OR (b.account IS NULL AND v.control = 1)`,
	),
	none(
		'gifts_held',
		'what the house holds as gifts is what was given and has neither been claimed nor come back',
		`SELECT b.unit || ': held ' || (b.credits_posted - b.debits_posted) || ', offered ' || coalesce(sum(g.amount), 0)
		FROM balance AS b LEFT JOIN gift AS g ON g.unit = b.unit AND g.state = 'offered'
		WHERE b.house = 'gifts' GROUP BY b.number
		HAVING b.credits_posted - b.debits_posted <> coalesce(sum(g.amount), 0)`,
	),
	none(
		'gifts_moved_once',
		'each gift was given by its giver in parts that make up its amount, and ended at most once, whole, by one transfer a part',
		`SELECT 'gift ' || g.id FROM gift AS g LEFT JOIN gift_part AS p ON p.gift = g.number
			LEFT JOIN transfer AS t ON t.sequence = p.given LEFT JOIN transfer AS e ON e.sequence = p.ended
		GROUP BY g.number
		HAVING sum(p.amount) IS NOT g.amount OR min(
			t.reason = 'gift_given' AND t.account = g.giver AND t.amount = p.amount AND t.unit = g.unit AND t.debit = p.source
			AND (p.ended IS NULL) = (g.state = 'offered')
			AND (p.ended IS NULL OR (e.amount = p.amount AND e.unit = g.unit AND e.sequence > t.sequence
				AND e.reason = iif(g.state = 'claimed', 'gift_claimed', 'gift_returned')
				AND e.account = coalesce(g.receiver, g.giver)))
		) IS NOT 1
		UNION ALL
		SELECT 'transfer ' || id || ' belongs to no gift' FROM transfer
		WHERE (reason = 'gift_given' AND sequence NOT IN (SELECT given FROM gift_part))
			OR (reason IN ('gift_claimed', 'gift_returned')
				AND sequence NOT IN (SELECT ended FROM gift_part WHERE ended IS NOT NULL))`,
	),
];
