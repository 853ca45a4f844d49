import type { ValueRule } from '../core/value-rule.ts';

export type Argument = { rule: ValueRule<unknown>; optional?: true; default?: unknown };

/** Who may call a command, and with what. */
export type CommandShape = { readOnly: boolean; argumentsSchema: Readonly<Record<string, Argument>> };
