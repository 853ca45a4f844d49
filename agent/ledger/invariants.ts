import Database from 'better-sqlite3';
import { cost, type Tariff } from '../policy/tariff.ts';
import { CODE_INVARIANTS } from './code-invariants.ts';
import { type Invariant, none } from './invariant.ts';
import { MIGRATIONS } from './migrations.ts';

/** All sums are made by SQLite in 64 bits: the house's balances may be larger than a double counts exactly. */
export const INVARIANTS: readonly Invariant[] = [
	{
		name: 'file_intact',
		holds: 'every page and index of the file is sound',
		broken: (database) => {
			const answer = database.pragma('integrity_check(1)', { simple: true }) as string;
			return answer === 'ok' ? undefined : answer;
		},
	},
	{
		name: 'references_exist',
		holds: 'every row that is referred to exists',
		broken: (database) => {
			const [row] = database.pragma('foreign_key_check') as { table: string; rowid: number; parent: string }[];
			return row === undefined ? undefined : `${row.table} row ${row.rowid} refers to a missing row of ${row.parent}`;
		},
	},
	{
		name: 'transfers_immutable',
		holds: 'the triggers that guard the transfers are in place, as released',
		broken: missingGuard,
	},
	none(
		'transfers_complete',
		'transfers are numbered without a gap',
		`SELECT 'transfer ' || max(sequence) || ' is the newest of ' || count(*) FROM transfer
		HAVING count(*) > 0 AND max(sequence) <> count(*)`,
	),
	none(
		'transfers_fit',
		'each transfer moves one unit, of one account, between balances that may be moved so',
		`SELECT 'transfer ' || t.id || ' (' || t.reason || ') does not fit its balances'
		FROM transfer AS t JOIN balance AS d ON d.number = t.debit JOIN balance AS c ON c.number = t.credit
		WHERE d.unit <> t.unit OR c.unit <> t.unit OR d.account <> t.account OR c.account <> t.account
			OR (d.account IS NULL AND c.account IS NULL) <> (t.reason IN ('included', 'throttled', 'overrun', 'rated', 'zero_rated'))
			OR t.kind <> CASE t.reason WHEN 'grant' THEN 'pending' WHEN 'released' THEN 'void' WHEN 'lost_customer' THEN 'void'
				WHEN 'lost_venue' THEN 'post' WHEN 'used' THEN iif(t.pending IS NULL, 'transfer', 'post') ELSE 'transfer' END
			OR coalesce(d.house, '') <> CASE WHEN t.reason IN ('topup', 'renewed') THEN 'issued'
				WHEN t.reason IN ('included', 'zero_rated', 'throttled', 'overrun', 'grace') THEN 'unpaid' WHEN t.reason = 'rated' THEN 'rated'
				WHEN t.reason IN ('drawn', 'regained', 'received') THEN 'transit'
				WHEN t.reason IN ('gift_claimed', 'gift_returned') THEN 'gifts' ELSE '' END
			OR coalesce(c.house, '') <> CASE
				WHEN t.reason IN ('topup', 'renewed', 'grace', 'drawn', 'regained', 'received', 'gift_claimed', 'gift_returned') THEN ''
				WHEN t.reason = 'slice_returned' THEN 'issued' WHEN t.reason = 'expired' THEN 'expired' WHEN t.reason = 'grace_ended' THEN 'unpaid'
				WHEN t.reason IN ('lent', 'returned', 'given') THEN 'transit' WHEN t.reason = 'gift_given' THEN 'gifts'
				WHEN t.reason = 'spent' THEN 'sold' ELSE 'served' END`,
	),
	none(
		'transit_empty',
		'what left one account has arrived at another',
		`SELECT unit || ': ' || (credits_posted - debits_posted) || ' are on their way' FROM balance
		WHERE house = 'transit' AND credits_posted <> debits_posted`,
	),
	none(
		'debits_equal_credits',
		'in every unit, what was taken equals what was given',
		`SELECT unit || ': debits ' || sum(debits_posted) || ' + ' || sum(debits_pending) || ' pending, credits '
			|| sum(credits_posted) || ' + ' || sum(credits_pending) || ' pending'
		FROM balance GROUP BY unit
		HAVING sum(debits_posted) <> sum(credits_posted) OR sum(debits_pending) <> sum(credits_pending)`,
	),
	none(
		'no_negative_balance',
		'no customer has used and reserved more than was bought',
		`SELECT 'balance ' || number || ' of account ' || (SELECT id FROM account AS a WHERE a.number = b.account)
			|| ': used ' || debits_posted || ' and reserved ' || debits_pending || ' of ' || credits_posted
		FROM balance AS b WHERE account IS NOT NULL AND debits_posted + debits_pending > credits_posted`,
	),
	none(
		'grants_resolved_once',
		'each grant is resolved at most once, by no more than it reserved',
		`SELECT 'grant ' || p.id || ' (' || p.amount || ' ' || p.unit || ') is resolved by ' || count(*) || ' transfers of '
			|| sum(t.amount)
		FROM transfer AS t JOIN transfer AS p ON p.sequence = t.pending
		GROUP BY p.sequence
		HAVING count(*) > 1 OR sum(t.amount) > p.amount OR (t.kind = 'void' AND t.amount <> p.amount)
			OR p.kind <> 'pending' OR p.debit <> t.debit OR p.credit <> t.credit`,
	),
	none(
		'open_grants_known',
		'the open grants of the balances are the pending transfers that nothing has resolved',
		`WITH open_transfer AS (
			SELECT sequence, debit FROM transfer AS p WHERE kind = 'pending'
				AND NOT EXISTS (SELECT 1 FROM transfer AS t WHERE t.pending = p.sequence)
		)
		SELECT 'grant ' || sequence || ' of balance ' || debit FROM (
			SELECT sequence, debit FROM open_transfer
			EXCEPT SELECT open_grant, number FROM balance
		) UNION ALL
		SELECT 'grant ' || open_grant || ' of balance ' || number FROM (
			SELECT open_grant, number FROM balance WHERE open_grant IS NOT NULL
			EXCEPT SELECT sequence, debit FROM open_transfer
		)`,
	),
	none(
		'balances_equal_transfers',
		'each cached balance is the sum of its transfers',
		`WITH moved (balance, debits, credits, debits_open, credits_open) AS (
			SELECT debit, amount, 0, 0, 0 FROM transfer WHERE kind IN ('transfer', 'post') UNION ALL
			SELECT credit, 0, amount, 0, 0 FROM transfer WHERE kind IN ('transfer', 'post') UNION ALL
			SELECT debit, 0, 0, amount, 0 FROM transfer WHERE kind = 'pending' UNION ALL
			SELECT credit, 0, 0, 0, amount FROM transfer WHERE kind = 'pending' UNION ALL
			SELECT p.debit, 0, 0, -p.amount, 0 FROM transfer AS t JOIN transfer AS p ON p.sequence = t.pending UNION ALL
			SELECT p.credit, 0, 0, 0, -p.amount FROM transfer AS t JOIN transfer AS p ON p.sequence = t.pending
		), summed AS (
			SELECT balance, sum(debits) AS debits, sum(credits) AS credits,
				sum(debits_open) AS debits_open, sum(credits_open) AS credits_open
			FROM moved GROUP BY balance
		)
		SELECT 'balance ' || b.number || coalesce(' (' || b.house || ')', '') || ': debits ' || b.debits_posted || '/'
			|| coalesce(s.debits, 0) || ', credits ' || b.credits_posted || '/' || coalesce(s.credits, 0) || ', pending '
			|| b.debits_pending || '/' || coalesce(s.debits_open, 0) || ' and ' || b.credits_pending || '/'
			|| coalesce(s.credits_open, 0) || ' (cached/summed)'
		FROM balance AS b LEFT JOIN summed AS s ON s.balance = b.number
		WHERE b.debits_posted <> coalesce(s.debits, 0) OR b.credits_posted <> coalesce(s.credits, 0)
			OR b.debits_pending <> coalesce(s.debits_open, 0) OR b.credits_pending <> coalesce(s.credits_open, 0)`,
	),
	none(
		'live_balances_known',
		'a balance is set aside exactly when all of it is spent',
		`SELECT 'balance ' || number || ' has ' || (credits_posted - debits_posted) || ' left and live = ' || live
		FROM balance WHERE account IS NOT NULL AND (credits_posted > debits_posted) <> live`,
	),
	none(
		'packages_bought',
		'each package came by one transfer of its amount; a share, by what was drawn from its group',
		`WITH regained (balance, amount) AS (
			SELECT credit, sum(amount) FROM transfer WHERE reason IN ('regained', 'drawn') GROUP BY credit
		)
		SELECT 'package ' || p.id || ' did not come as it stands' FROM package AS p JOIN balance AS b ON b.number = p.balance
			LEFT JOIN transfer AS t ON t.id = p.id LEFT JOIN regained AS r ON r.balance = p.balance
		WHERE b.account IS NOT p.account OR iif(p.kind = 'share',
			b.credits_posted <> coalesce(r.amount, 0) OR p.source IS NULL,
			t.id IS NULL OR t.amount <> p.amount OR t.credit <> p.balance OR t.account <> p.account
				OR b.credits_posted <> p.amount + coalesce(r.amount, 0) OR CASE t.reason WHEN 'gift_claimed' THEN 'received' WHEN 'gift_returned' THEN 'received' ELSE t.reason END
					<> CASE p.kind WHEN 'bought' THEN 'topup'
					WHEN 'renewed' THEN 'renewed' WHEN 'received' THEN 'received' WHEN 'grace' THEN 'grace' ELSE '' END)`,
	),
	none(
		'items_add_up',
		"the items of each session's record add up to what it used, and its costs to what wallets paid",
		`WITH used (session, what, amount) AS (
			SELECT session, 'byte', up_bytes + down_bytes FROM meter UNION ALL SELECT session, 'second', seconds FROM meter UNION ALL
			SELECT session, unit, -amount FROM item WHERE unit <> 'micro' UNION ALL
			SELECT session, 'micro', cost FROM item UNION ALL SELECT session, 'micro', -amount FROM item WHERE unit = 'micro'
		)
		SELECT 'session ' || s.id || ': use and items differ by ' || sum(amount) || ' ' || what
		FROM used JOIN session AS s ON s.number = used.session GROUP BY used.session, what HAVING sum(amount) <> 0`,
	),
	none(
		'tethered_adds_up',
		"what of a session's items was tethered is what its tethered meter counted, and within each item",
		`WITH part (session, amount) AS (
			SELECT session, up_bytes + down_bytes FROM meter WHERE class = 'tethered' UNION ALL
			SELECT session, -amount FROM tethered_item
		), whole (session, reason, amount) AS (
			SELECT session, reason, amount FROM item WHERE unit = 'byte' UNION ALL
			SELECT session, reason, -amount FROM tethered_item
		)
		SELECT 'session ' || s.id || ': tethered use and items differ by ' || sum(amount)
		FROM part JOIN session AS s ON s.number = part.session GROUP BY part.session HAVING sum(amount) <> 0
		UNION ALL
		SELECT 'session ' || s.id || ': more was tethered than was ' || reason
		FROM whole JOIN session AS s ON s.number = whole.session GROUP BY whole.session, reason HAVING sum(amount) < 0`,
	),
	none(
		'tethered_equals_sessions',
		"each account's tethered use is what its transfers say",
		`WITH used (account, amount) AS (
			SELECT s.account, m.up_bytes + m.down_bytes FROM meter AS m JOIN session AS s ON s.number = m.session
			WHERE m.class = 'tethered' UNION ALL
			SELECT account, -tethered FROM transfer WHERE tethered > 0
		)
		SELECT 'account ' || a.id || ': tethered use and transfers differ by ' || sum(amount)
		FROM used JOIN account AS a ON a.number = used.account GROUP BY used.account HAVING sum(amount) <> 0`,
	),
	{
		name: 'costs_follow_tariffs',
		holds: 'each session was charged what its tariff says of its whole use, after what its station had used before',
		broken: wrongCost,
	},
	none(
		'usage_equals_sessions',
		"each account's sessions used what its transfers say, paid and unpaid",
		`WITH used (account, unit, amount) AS (
			SELECT s.account, 'byte', m.up_bytes + m.down_bytes FROM meter AS m JOIN session AS s ON s.number = m.session UNION ALL
			SELECT s.account, 'second', m.seconds FROM meter AS m JOIN session AS s ON s.number = m.session UNION ALL
			SELECT account, unit, -amount FROM transfer WHERE reason IN ('used', 'rated', 'included', 'zero_rated', 'throttled', 'overrun') AND unit <> 'micro'
		)
		SELECT 'account ' || a.id || ': sessions and transfers differ by ' || sum(amount) || ' ' || unit
		FROM used JOIN account AS a ON a.number = used.account GROUP BY used.account, unit HAVING sum(amount) <> 0`,
	),
	none(
		'checkpoints_fit',
		'open sessions have a checkpoint each, not beyond what was charged by these counters; those of detached stations have none',
		`WITH charged (id, epoch, up, down, seconds) AS (
			SELECT id, epoch, sum(up_bytes), sum(down_bytes), sum(seconds) FROM meter GROUP BY id, epoch
		)
		SELECT 'session ' || s.id || ', meter ' || m.id FROM meter AS m JOIN session AS s ON s.number = m.session
			JOIN charged AS c ON c.id = m.id AND c.epoch = m.epoch
		WHERE (s.closed_wall_ms IS NULL AND m.open = 0) OR (m.open = 1) <> (m.up_checkpoint IS NOT NULL)
			OR m.up_checkpoint > c.up OR m.down_checkpoint > c.down OR m.seconds_checkpoint > c.seconds
		UNION ALL
		SELECT 'session ' || id || ' has no meter' FROM session WHERE number NOT IN (SELECT session FROM meter)`,
	),
	none(
		'history_chained',
		"each account's transfers are chained from the newest to the first",
		`SELECT 'transfer ' || id FROM (
			SELECT id, previous, lag(sequence) OVER (PARTITION BY account ORDER BY sequence) AS before FROM transfer
		) WHERE previous IS NOT before
		UNION ALL
		SELECT 'account ' || a.id FROM account AS a
			LEFT JOIN (SELECT account, max(sequence) AS newest FROM transfer GROUP BY account) AS n ON n.account = a.number
		WHERE a.last_transfer IS NOT n.newest`,
	),
	...CODE_INVARIANTS,
];

function wrongCost(database: Database.Database): string | undefined {
	const rows = database
		.prepare<[], RatedRow>(`WITH RECURSIVE record (session, earlier) AS (
				SELECT number, follows FROM session WHERE follows IS NOT NULL UNION ALL
				SELECT r.session, s.follows FROM record AS r JOIN session AS s ON s.number = r.earlier WHERE s.follows IS NOT NULL
			)
			SELECT s.id, i.amount, i.cost, (
				SELECT coalesce(sum(b.amount), 0) FROM record AS r JOIN item AS b ON b.session = r.earlier
				WHERE r.session = i.session AND b.unit = i.unit AND b.reason = 'rated' AND b.source = i.source
			) AS before, t.name, t.unit, t.price_micro AS priceMicro, t.per, t.free, t.first, t.step
			FROM item AS i JOIN session AS s ON s.number = i.session LEFT JOIN tariff AS t ON t.number = i.source
			WHERE i.reason = 'rated'`)
		.iterate();
	for (const row of rows) {
		if (row.name === null) return `session ${row.id} was charged by a tariff that does not exist`;
		const wanted = cost(row, row.before + row.amount) - cost(row, row.before);
		if (wanted !== row.cost) {
			return `session ${row.id} was charged ${row.cost} for ${row.amount} ${row.unit}; tariff ${row.name} says ${wanted}`;
		}
	}
	return undefined;
}

type RatedRow = Tariff & {
	readonly id: string;
	readonly amount: number;
	readonly cost: number;
	/** In the records before that had ended while the station stayed attached. */
	readonly before: number;
	readonly name: string | null;
};

/** Compares the triggers and constraints with those of a fresh schema: a guard that was weakened is missing too. */
function missingGuard(database: Database.Database): string | undefined {
	const found = new Map(database.prepare(SELECT_GUARDS).raw().all() as Guard[]);
	releasedGuards ??= guardsOfFreshSchema();
	const wrong = releasedGuards.find(([name, sql]) => found.get(name) !== sql);
	return wrong && `${wrong[0]} is ${found.has(wrong[0]) ? 'not as released' : 'missing'}`;
}

type Guard = [name: string, sql: string];

const SELECT_GUARDS =
	"SELECT name, sql FROM sqlite_schema WHERE type IN ('trigger', 'table', 'index') AND sql IS NOT NULL";
/** They are the same in every run of this program. */
let releasedGuards: readonly Guard[] | undefined;

function guardsOfFreshSchema(): Guard[] {
	const fresh = new Database(':memory:');
	try {
		for (const { sql } of MIGRATIONS) fresh.exec(sql);
		return fresh.prepare(SELECT_GUARDS).raw().all() as Guard[];
	} finally {
		fresh.close();
	}
}
