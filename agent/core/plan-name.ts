import { textOf } from './value-rule.ts';

/** The form of a plan's name, in the configuration and in commands. */
export const planNameRule = textOf(
	/^[a-z0-9][a-z0-9-]{0,31}$/,
	'a plan name: 1 to 32 of a-z, 0-9 and "-", starting with a letter or digit',
);
