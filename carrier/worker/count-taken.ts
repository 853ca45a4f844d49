import type { Metrics } from '../metrics.ts';
import type { HourlyLog } from './hourly-log.ts';
import type { Taken } from './take-messages.ts';

/** Puts what a transaction has taken into the metrics, and what a person should know of it into the log. */
export function countTaken(
	{ accepted, strangers, ingested, skewed, notDone }: Taken,
	metrics: Metrics,
	log: HourlyLog,
): void {
	for (const message of accepted) {
		metrics.add('messages', { kind: message.kind });
		if (message.kind === 'reply') metrics.add('replies', { outcome: message.reply.outcome });
	}
	for (const one of notDone) log.say('warn', 'an access point did not do what it was sent', one, one.outcome);
	for (const { ap } of strangers) {
		metrics.add('messages_refused', { reason: 'unknown_ap' });
		log.say('warn', 'a message was refused', { ap, reason: 'unknown_ap' }, 'unknown_ap');
	}
	if (skewed > 0) {
		metrics.add('clocks_skewed', {}, skewed);
		log.say('warn', 'clocks of access points are far off', { skewed });
	}
	if (ingested === undefined) return;
	for (const [batch, fate] of ingested.fates) {
		metrics.add('batches', { fate });
		const { ap, stream, sequence } = batch.usage;
		if (fate === 'conflict') log.say('error', 'an access point came back from a backup', { ap, stream, sequence });
	}
	metrics.add('records', { fate: 'new' }, ingested.records);
	metrics.add('records', { fate: 'repeated' }, ingested.repeatedRecords);
	for (const { reason } of ingested.suspects) metrics.add('suspects', { reason });
	if (ingested.unknownAccounts === 0) return;
	metrics.add('accounts_unknown', {}, ingested.unknownAccounts);
	log.say('warn', 'usage of accounts that the platform does not have', { count: ingested.unknownAccounts });
}

/** The access points whose batches were put off: they begin too many streams. One for each such batch. */
export function deferredBy({ ingested }: Taken): string[] {
	return [...(ingested?.fates ?? [])].filter(([, fate]) => fate === 'deferred').map(([{ usage }]) => usage.ap);
}
