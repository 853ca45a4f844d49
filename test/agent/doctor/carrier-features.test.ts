import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { readConfig } from '../../../agent/config/read-config.ts';
import { probeCarrier } from '../../../agent/doctor/carrier-features.ts';
import { temporaryFolder } from '../ledger/temporary-ledger.ts';
import { makeCertificates } from '../sync/real-broker.ts';

function furnish(t: ExecutionContext) {
	const folder = temporaryFolder(t);
	makeCertificates(folder);
	for (const key of ['client.key', 'broker.key']) chmodSync(`${folder}/${key}`, 0o600);
	const carrier = {
		url: 'mqtts://127.0.0.1:8883',
		accessPoint: 'cafe-7',
		ca: `${folder}/ca.pem`,
		certificate: `${folder}/client.pem`,
		key: `${folder}/client.key`,
		keys: ['k1:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'],
	};
	const probe = (more: object = {}) => {
		const text = JSON.stringify({ version: 1, devices: { metered: ['br-lan'] }, carrier: { ...carrier, ...more } });
		return probeCarrier(readConfig(text, 'config.json'))[0];
	};
	return { folder, probe };
}

test('without a carrier the doctor says nothing of one', (t) => {
	t.deepEqual(probeCarrier(readConfig('{"version":1,"devices":{"metered":["br-lan"]}}', 'config.json')), []);
	t.deepEqual(probeCarrier(undefined), []);
});

test('files that fit are well', (t) => {
	const { probe } = furnish(t);
	t.like(probe(), { ok: true });
	t.regex(probe()?.detail ?? '', /cafe-7, certificate valid until/);
});

test('a file that is missing, is no certificate, is not the pair, or can be read by others is named', (t) => {
	const { folder, probe } = furnish(t);
	t.regex(probe({ ca: `${folder}/none.pem` })?.detail ?? '', /carrier\.ca: .*none\.pem cannot be read/);
	writeFileSync(`${folder}/text.pem`, 'not a certificate');
	t.false(probe({ ca: `${folder}/text.pem` })?.ok);
	t.regex(probe({ key: `${folder}/broker.key` })?.detail ?? '', /is not the key of/);
	copyFileSync(`${folder}/client.key`, `${folder}/open.key`);
	chmodSync(`${folder}/open.key`, 0o644);
	t.regex(probe({ key: `${folder}/open.key` })?.detail ?? '', /others may read/);
});
