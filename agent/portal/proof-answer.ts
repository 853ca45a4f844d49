import type { MessageKey } from '../../ui/portal/messages/message.ts';
import { proofPage } from '../../ui/portal/pages/proof.ts';
import { type Answer, page } from './answer.ts';
import type { Asker, PageDrawer } from './page-drawer.ts';
import type { Unproven } from './service.ts';

/** The longest form has two fields and its token. */
const FIELDS_MAX = 8;

const WHY: Readonly<Record<Exclude<Unproven['answer'], 'missing'>, MessageKey>> = {
	mistyped: 'redeem_mistyped',
	wrong: 'proof_wrong',
	no_code: 'proof_no_code',
	wait: 'redeem_wait',
};

/**
 * Asks for the code of the account: the form that was sent comes again, with what it had, its token, and a field for the code. Nothing is
 * remembered of it, here or in the browser.
 */
export function proofAnswer(
	drawer: PageDrawer,
	asker: Asker,
	{ why, fields }: { readonly why: Unproven; readonly fields: URLSearchParams },
): Answer {
	const time = why.answer === 'wait' ? drawer.context(asker).format.duration(Math.ceil(why.waitMs / 1000)) : '';
	const notice =
		why.answer === 'missing' ? undefined : ({ kind: 'bad', key: WHY[why.answer], values: { time } } as const);
	const kept = [...fields].filter(([name]) => name !== 'proof').slice(0, FIELDS_MAX);
	const model = { action: asker.target.path, fields: kept, canProve: why.answer !== 'no_code' };
	// Many forms have no page by their own path: in another language it would be asked for.
	const context = drawer.context({ ...asker, target: { ...asker.target, path: '/' } }, notice);
	return page(why.answer === 'wait' ? 429 : 422, proofPage(context, model));
}
