import type { en } from './en.ts';

/** A sentence by the plural category of its `{count}` (Unicode plural rules). */
export type Plural = { readonly other: string } & { readonly [Category in Intl.LDMLPluralRule]?: string };

/** Placeholders are `{name}`. A count is in digits, formatted for the language. */
export type Message = string | Plural;

export type MessageKey = keyof typeof en;

/** All sentences of one language: the compiler wants every one, and a test compares their placeholders. */
export type Messages = Readonly<{ [Key in MessageKey]: (typeof en)[Key] extends string ? string : Plural }>;
