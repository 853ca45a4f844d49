import { answerText, brokerAnswerOf } from '../../protocol/broker-answers.ts';

/** The broker did not take a publication, and said why (PUBACK of MQTT 5). */
export class PublicationRefused extends Error {
	/** It stays until somebody changes something at the broker. */
	readonly isLasting: boolean;

	private constructor(text: string, isLasting: boolean) {
		super(text);
		this.name = 'PublicationRefused';
		this.isLasting = isLasting;
	}

	/** Undefined: the error is not an answer of the broker. @param reason the broker's words, of unknown length */
	static from(error: Error & { readonly code?: unknown }, reason: unknown): PublicationRefused | undefined {
		const answer = brokerAnswerOf(error.code);
		if (answer === undefined) return undefined;
		return new PublicationRefused(answerText(error.code as number, reason), answer.nature !== 'passing');
	}
}
