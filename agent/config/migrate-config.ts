import { CONFIG_VERSION } from './config-version.ts';

/** Turns the file's content of one version into the next one's. Forward only. */
export type ConfigMigration = (content: Record<string, unknown>) => Record<string, unknown>;

/** Entry 0 goes from version 1 to 2, and so on: one for each version that was ever released, except for the present one. */
export const CONFIG_MIGRATIONS: readonly ConfigMigration[] = [];

/** Brings the content to the present version; one that is no older (or has no usable version) is returned as it is. */
export function migrateConfig(
	content: Record<string, unknown>,
	migrations: readonly ConfigMigration[] = CONFIG_MIGRATIONS,
): Record<string, unknown> {
	const newest = migrations === CONFIG_MIGRATIONS ? CONFIG_VERSION : migrations.length + 1;
	const version = content.version;
	if (typeof version !== 'number' || !Number.isInteger(version) || version < 1 || version >= newest) {
		return content;
	}
	let current = content;
	for (const [index, migrate] of migrations.slice(version - 1).entries()) {
		current = { ...migrate(current), version: version + index + 1 };
	}
	return current;
}
