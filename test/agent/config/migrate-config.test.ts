import test from 'ava';
import { CONFIG_VERSION } from '../../../agent/config/config-version.ts';
import { CONFIG_MIGRATIONS, migrateConfig } from '../../../agent/config/migrate-config.ts';

const migrations = [
	(content: Record<string, unknown>) => ({ ...content, renamed: content.name, name: undefined }),
	(content: Record<string, unknown>) => ({ ...content, added: true }),
];

test('there is a migration from every older version', (t) => {
	t.is(CONFIG_MIGRATIONS.length, CONFIG_VERSION - 1);
});

test('an old file goes through every later migration, in order', (t) => {
	t.deepEqual(migrateConfig({ version: 1, name: 'a' }, migrations), {
		version: 3,
		renamed: 'a',
		name: undefined,
		added: true,
	});
	t.deepEqual(migrateConfig({ version: 2, renamed: 'a' }, migrations), { version: 3, renamed: 'a', added: true });
});

test('a present, newer or unusable version is left as it is', (t) => {
	for (const version of [3, 4, 0, -1, 1.5, '1', undefined]) {
		t.deepEqual(migrateConfig({ version }, migrations), { version });
	}
});
