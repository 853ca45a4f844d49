import { createRequire } from 'node:module';
import { join } from 'node:path';
import test from 'ava';
import { type BrokerAnswer, REASON_CODES, RETURN_CODES } from '../../protocol/broker-answers.ts';
import { matchesGolden } from '../golden.ts';

/** The client's own parser of packets has lists of what the standard allows in each: a witness that is not ours. */
const constants = createRequire(join(process.cwd(), 'node_modules/mqtt/package.json'))(
	'mqtt-packet/constants',
) as Record<string, Record<string, string>>;

test('the codes of each packet of MQTT 5 are those that the client knows', (t) => {
	for (const [packet, list] of [
		['PUBACK', 'MQTT5_PUBACK_PUBREC_CODES'],
		['SUBACK', 'MQTT5_SUBACK_CODES'],
		['UNSUBACK', 'MQTT5_UNSUBACK_CODES'],
		['DISCONNECT', 'MQTT5_DISCONNECT_CODES'],
	] as const) {
		const known = Object.keys(constants[list] ?? {}).map(Number);
		const ours = Object.entries(REASON_CODES)
			.filter(([, { packets }]) => packets.includes(packet))
			.map(([code]) => Number(code));
		t.deepEqual(ours, known, packet);
	}
});

test('docs/broker-answers.md is made of the table', (t) => {
	const rows = (codes: Readonly<Record<number, BrokerAnswer>>) =>
		Object.entries(codes)
			.map(([code, { says, nature, about, packets }]) => {
				const number = Number(code);
				const shown =
					number < 0x80 && codes === RETURN_CODES ? code : `0x${number.toString(16).padStart(2, '0').toUpperCase()}`;
				return `| ${shown} | ${packets.join(', ')} | ${says} | ${nature === 'good' ? '' : nature} | ${about === 'none' ? '' : `\`${about}\``} |`;
			})
			.join('\n');
	matchesGolden(
		t,
		'docs/broker-answers.md',
		`# What a broker's answers mean

Made from \`protocol/broker-answers.ts\`, for access point and platform alike.

- **passing**: it goes by itself. The same is tried again within seconds, then ever more rarely.
- **lasting**: it stays until somebody changes something at the broker or in a configuration. The same is tried ever more rarely: connections at most every 5 minutes,
  usage at most every 15, each wait spread by half. A connection that stood for a while makes no wait short again.
- **ours**: the broker says that what we sent breaks the protocol. It is a defect of one of the two, and tried as rarely.

The last column is the fault as metrics and the log call it; a refused subscription is \`subscription\`, refused usage \`unpublished\`, whatever the code.

## MQTT 5

| code | packets | says | | fault |
|---|---|---|---|---|
${rows(REASON_CODES)}

## MQTT 3.1.1

SUBACK has one code for every refusal (0x80): lasting. PUBACK has none: a broker that denies a publication drops it in silence or closes the connection, and then the
platform does not acknowledge.

| code | packets | says | | fault |
|---|---|---|---|---|
${rows(RETURN_CODES)}
`,
	);
});
