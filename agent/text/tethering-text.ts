import { formatAmount } from './format-amount.ts';

type Standing = {
	readonly isJudged: boolean;
	readonly score: number;
	readonly isTethering: boolean;
	readonly pinned?: 'own' | 'tethered';
};

type Evidence = { readonly weight: number; readonly text: string; readonly seen: number; readonly agoMs: number };

/** Whether a station is held to tether, and by whose word. */
export function standingText({ isJudged, score, isTethering, pinned }: Standing): string {
	const effect = isJudged ? '' : '; its flows are not judged (tethered.detect is off)';
	const judged = `${isTethering ? 'yes' : 'no'}, score ${score}${effect}`;
	return pinned === undefined ? judged : `pinned as ${pinned} by the operator (judged: ${judged})`;
}

export const EVIDENCE_COLUMNS = [
	{ title: 'WEIGHT', align: 'right' },
	{ title: 'SEEN', align: 'right' },
	{ title: 'LAST', align: 'right' },
	{ title: 'EVIDENCE' },
] as const;

/** The cells of {@link EVIDENCE_COLUMNS}. The last one has words of the station: not yet harmless. */
export function evidenceCells({ weight, seen, agoMs, text }: Evidence): [string, string, string, string] {
	return [
		`${weight > 0 ? '+' : ''}${weight}`,
		`${seen}`,
		`${formatAmount('second', Math.floor(agoMs / 1000))} ago`,
		text,
	];
}
