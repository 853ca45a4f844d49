import test from 'ava';
import { buyPlan } from '../../../agent/accounts/buy-plan.ts';
import type { Plan } from '../../../agent/config/config.ts';
import { ANN, AT, bytesPackage, openAnn, settleAnn, temporaryLedger } from '../ledger/temporary-ledger.ts';

const PER_BYTE = { name: 'data', unit: 'byte', priceMicro: 1, per: 1, free: 0, first: 1, step: 1 } as const;
const PLAN: Plan = { name: 'day', title: 'A day', unit: 'byte', amount: 500, atEnd: 'block', priceMicro: 90 };

test('a plan is bought with money that was reserved for running traffic, without its title and price in the books', async (t) => {
	const { ledger } = temporaryLedger(t);
	ledger.createAccount({ id: ANN });
	ledger.topUp(bytesPackage('coins', 100, { unit: 'micro', planName: 'coins', tariff: PER_BYTE }));
	openAnn(ledger);
	ledger.settle(settleAnn(0, 100));
	t.is(ledger.account(ANN)?.available.micro, 0);
	const suspended: string[] = [];
	const meter = {
		async withdraw<Value>(account: string, work: () => Value): Promise<Value> {
			suspended.push(account);
			ledger.settle(settleAnn(5, 0));
			return work();
		},
	};
	const buy = () => buyPlan({ ledger, meter, moment: () => AT }, { transferId: 'b1', account: ANN, plan: PLAN });
	t.like(await buy(), { answer: 'created', package: { planName: 'day', remaining: 500 } });
	t.is((await buy()).answer, 'exists');
	t.deepEqual(suspended, [ANN, ANN]);
	t.like(ledger.account(ANN), { available: { byte: 500, micro: 5 } });
});

test('a plan without a price is not sold for money', async (t) => {
	const { ledger } = temporaryLedger(t);
	const { priceMicro: _, ...plan } = PLAN;
	const meter = { withdraw: async <Value>(_account: string, work: () => Value) => work() };
	const bought = buyPlan({ ledger, meter, moment: () => AT }, { transferId: 'b1', account: ANN, plan });
	await t.throwsAsync(bought, { message: /has no price/ });
});
