import test from 'ava';
import type { AccountId, MacAddress } from '../../../agent/core/units.ts';
import { identification, type Verdict } from '../../../agent/session/requester.ts';

const PEER = { mac: '02:00:5e:10:00:01' as MacAddress, address: '10.1.0.2', device: 'br-lan' };
const ANN = 'ann' as AccountId;

const is = test.macro({
	async exec(
		t,
		account: string | undefined,
		verdicts: readonly Verdict[],
		expected: object | undefined,
		asked: number,
	) {
		let count = 0;
		const identify = identification({
			find: async (remote) => (remote === 'nowhere' ? undefined : PEER),
			accountOf: () => account as AccountId | undefined,
			witnesses: verdicts.map((verdict) => async () => {
				count += 1;
				return verdict;
			}),
		});
		t.deepEqual(await identify('10.1.0.2'), expected as never);
		t.is(count, asked);
		t.is(await identify('nowhere'), undefined);
	},
	title: (title = '') => title,
});

const STRANGER = { ...PEER, isContested: true };
test(
	'a station that spends nothing is a guest, and no witness is asked',
	is,
	undefined,
	['owner'],
	{ ...PEER, isContested: false },
	0,
);
test('its owner has the session', is, ANN, ['owner'], { ...PEER, account: ANN, isContested: false }, 1);
test('the strongest witness decides', is, ANN, ['stranger', 'owner'], STRANGER, 1);
test(
	'who cannot tell leaves it to the next one',
	is,
	ANN,
	['unknown', 'owner'],
	{ ...PEER, account: ANN, isContested: false },
	2,
);
test('what no witness knows is a stranger', is, ANN, ['unknown'], STRANGER, 1);
test('without a witness everybody is one', is, ANN, [], STRANGER, 0);

test('a session that went elsewhere while the witnesses were asked is not his', async (t) => {
	let account = ANN;
	const identify = identification({
		find: async () => PEER,
		accountOf: () => account,
		witnesses: [
			async () => {
				account = 'bob' as AccountId;
				return 'owner';
			},
		],
	});
	t.deepEqual(await identify('10.1.0.2'), STRANGER);
});
