import { buyPlan } from '../accounts/buy-plan.ts';
import { redeemPermission } from '../accounts/redeem-permission.ts';
import { OctroiError } from '../core/octroi-error.ts';
import type { AccountId } from '../core/units.ts';
import { shownEnd } from '../ledger/validity.ts';
import type { CreditPages } from '../portal/credit-pages.ts';
import type { PortalService } from '../portal/service.ts';
import { permissionCodeOf } from '../voucher/permission-code.ts';
import type { PortalServiceParts } from './portal-service-parts.ts';

const SECRET_BYTES = 32;

type Parts = Pick<PortalServiceParts, 'config' | 'ledger' | 'line' | 'meter' | 'identity' | 'moment' | 'random'>;

/** The request's own name as an id of the ledger: its alphabet has no `_`, and no `-` at the beginning. */
function idOf(request: string): string {
	return `portal-${request.replaceAll('_', '.')}`;
}

/** Sells plans from the wallet. */
export function shop({ line, ledger, meter, moment }: Parts): NonNullable<PortalService['shop']> {
	return {
		async buy(account, name, request) {
			const plan = line.catalogue.plan(name);
			if (plan?.priceMicro === undefined) return { answer: 'not_sold' };
			const purchase = { transferId: idOf(request), account, plan };
			const { answer, availableMicro = 0 } = await buyPlan({ ledger, meter, moment }, purchase);
			switch (answer) {
				case 'created':
				case 'exists':
					return { answer: 'bought' };
				case 'too_little':
					return { answer, availableMicro };
				case 'nothing_to_extend':
					return { answer };
				default:
					return { answer: 'not_sold' };
			}
		},
	};
}

/** Gives by code, and takes back what nobody has claimed. */
export function giftDesk({ ledger, identity, moment }: Parts): NonNullable<PortalService['gifts']> {
	const waiting = (account: AccountId) =>
		ledger.codes.gifts(account).filter(({ giver, state }) => giver === account && state === 'offered');
	return {
		async give(account, credit, request) {
			const { answer, code, available } = await identity.gifts.give({ id: idOf(request), account, ...credit });
			if (answer === 'given' || answer === 'exists') {
				return { answer: 'given', ...(code === undefined ? {} : { code }) };
			}
			return { answer: 'too_little', available: available ?? 0 };
		},
		waiting: (account) =>
			waiting(account).map(({ id, unit, amount, validUntilWallMs }) => {
				const { endMs, leftSeconds } = shownEnd(validUntilWallMs, moment());
				return {
					id,
					unit,
					amount,
					...(endMs === undefined ? {} : { untilWallMs: endMs }),
					...(leftSeconds === undefined ? {} : { leftSeconds }),
				};
			}),
		async takeBack(account, gift) {
			if (!waiting(account).some(({ id }) => id === gift)) return false;
			return (await identity.gifts.takeBack(gift)) === 'changed';
		},
	};
}

/** Allowances, and taking from each other by permission. */
export function groupDesk({
	config,
	ledger,
	meter,
	moment,
	random,
}: Parts): Pick<PortalService, 'allow' | 'permit' | 'take'> {
	const secret = random(SECRET_BYTES);
	return {
		allow(account, name, bytes) {
			const member = ledger.members(account).find((one) => one.account === name);
			if (member === undefined) return false;
			const { byte: _, ...others } = member.allowance;
			const allowance = { ...others, ...(bytes === undefined ? {} : { byte: bytes }) };
			ledger.joinGroup({ group: account, account: member.account, allowance });
			void meter.creditChanged(member.account);
			return true;
		},
		permit(giver, credit, request) {
			const code = permissionCodeOf(`${giver} ${request}`, secret);
			const validForSeconds = config.codes.giftValidForSeconds;
			const answer = ledger.permit({ code, giver, ...credit, validForSeconds, at: moment() });
			if (answer === 'created' || answer === 'exists') return code;
			throw new OctroiError('internal', `a permission was answered ${answer}`);
		},
		async take(taker, typed, request) {
			const code = typed.replaceAll(/\s/g, '');
			if (!/^[a-z0-9-]{8,64}$/.test(code)) return 'wrong';
			try {
				const { answer } = await redeemPermission(
					{ ledger, meter, moment },
					{ transferId: idOf(request), code, taker },
				);
				return answer === 'created' || answer === 'exists' ? 'taken' : 'wrong';
			} catch (error) {
				if (error instanceof OctroiError && error.code === 'not_allowed') return 'too_little';
				throw error;
			}
		},
	};
}

/** Notices: the ledger keeps and raises them. The name of one says what it is about, so that there is one of each kind. */
export function alertDesk(
	{ ledger, moment }: Pick<Parts, 'ledger' | 'moment'>,
	credit: CreditPages,
): NonNullable<PortalService['alerts']> {
	return {
		list: (account) => credit.alerts(account),
		set(account, wish) {
			const id = `${wish.unit}-${wish.usedPercent === undefined ? 'rest' : 'percent'}`;
			try {
				ledger.setAlert({ account, id, ...wish }, moment());
				return true;
			} catch (error) {
				if (error instanceof OctroiError && error.code === 'not_allowed') return false;
				throw error;
			}
		},
		remove: (account, alert) => ledger.removeAlert(account, alert) === 'changed',
		seen: (account, alert) => ledger.alertSeen(account, alert) !== 'not_found',
	};
}
