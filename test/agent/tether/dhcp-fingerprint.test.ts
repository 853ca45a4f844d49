import test from 'ava';
import { systemOfDhcp } from '../../../agent/tether/dhcp-fingerprint.ts';

for (const [vendorClass, parameters, system] of [
	['android-dhcp-14', [1, 3, 6], 'android'],
	['MSFT 5.0', [1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252], 'windows'],
	['XBOX 1.0', [1, 3], 'xbox'],
	['PS5', [1, 3, 15, 6], 'playstation'],
	['dhcpcd-9.4.1:Linux-6.1', [1, 121], 'linux'],
	[undefined, [1, 121, 3, 6, 15, 108, 114, 119, 252], 'apple'],
	[undefined, [1, 15, 3, 6, 44, 46, 47, 31, 33, 121, 249, 43], 'windows'],
	[undefined, [], undefined],
	['somebody else', [1, 121, 3, 6, 15, 119, 252], undefined],
] as const) {
	test(`who asks as ${vendorClass ?? 'nobody'} for ${parameters.length} options is ${system ?? 'not known'}`, (t) => {
		t.is(systemOfDhcp({ parameters, ...(vendorClass === undefined ? {} : { vendorClass }) }), system);
	});
}
