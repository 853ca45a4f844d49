import { checkAmount, checkMoment } from './request-check.ts';
import type { SettleRequest } from './settle.ts';

/** Refuses a request of a wrong form, before the transaction begins. @throws OctroiError `invalid_value` */
export function checkSettle(request: SettleRequest): void {
	checkMoment(request.at);
	checkAmount('reserve.byte', request.reserve.byte);
	checkAmount('reserve.second', request.reserve.second);
	for (const { up, down } of [...request.readings, ...(request.zeroRated ?? []), ...(request.tethered ?? [])]) {
		checkAmount('a reading', up);
		checkAmount('a reading', down);
	}
	for (const { seconds } of request.elapsed ?? []) checkAmount('elapsed seconds', seconds);
	const { ms = 0, knownMs = 0 } = request.begun ?? {};
	checkAmount('begun milliseconds', ms);
	checkAmount('known milliseconds', knownMs);
}
