import test from 'ava';
import type { Feature } from '../../../agent/doctor/feature.ts';
import { kernelTest } from '../../kernel-namespace.ts';
import type poorHost from '../dataplane/kernel/poor-host.ts';

const named = (features: readonly Feature[], name: RegExp) => features.find((feature) => name.test(feature.name));

kernelTest<Awaited<ReturnType<typeof poorHost>>>(
	test,
	'what is missing is named with what brings it: nft, permissions, devices',
	new URL('../dataplane/kernel/poor-host.js', import.meta.url),
	(t, { here, withoutNft, withoutCapabilities }) => {
		for (const { features } of [here, withoutNft, withoutCapabilities]) {
			for (const { ok, fix, name, detail } of features) {
				t.true(ok || fix.length > 10, `${name} says what to do`);
				t.true(detail.length > 0 && !detail.includes('\n'), name);
			}
			t.is(new Set(features.map(({ name }) => name)).size, features.length);
		}
		const missing = here.features.filter(({ ok, grade }) => grade === 'must' && !ok).map(({ name }) => name);
		t.deepEqual(missing, ['forwarding of IPv4'], 'a new namespace does not forward');
		t.like(named(here.features, /metered devices/), { ok: false, detail: 'there is no absent0' });
		const announcement = named(here.features, /router's own advertisements/);
		t.is(announcement?.ok, named(here.features, /a queue for first packets/)?.ok);
		t.true(announcement?.ok === false || announcement?.detail.endsWith(', number 7211'));
		const unannounced = named(withoutCapabilities.features, /router's own advertisements/);
		t.like(unannounced, { ok: false, grade: 'optional' });
		t.regex(unannounced?.fix ?? '', /portal\.httpsPort/, 'without HTTPS there is nothing to announce');
		t.is(here.refusal, undefined);
		t.regex(named(here.features, /program nft/)?.detail ?? '', /^nftables v\d/);

		const nft = named(withoutNft.features, /program nft/);
		t.like(nft, { ok: false, grade: 'must' });
		t.regex(nft?.fix ?? '', /nftables/);
		t.regex(named(withoutNft.features, /quota objects/)?.fix ?? '', /install .*nftables/, 'not a word of the kernel');
		t.like(withoutNft.refusal, { code: 'feature_missing' });
		t.regex(withoutNft.refusal?.fix ?? '', /nftables/);

		for (const name of [/quota objects/, /conntrack by netlink/, /flow offload/]) {
			const feature = named(withoutCapabilities.features, name);
			t.false(feature?.ok);
			t.regex(feature?.fix ?? '', /CAP_NET_ADMIN/, feature?.name);
		}
		t.like(withoutCapabilities.refusal, { code: 'permission_denied' });
		t.regex(withoutCapabilities.refusal?.fix ?? '', /CAP_NET_ADMIN/);
	},
);
