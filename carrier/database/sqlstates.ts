/**
 * What an error of the database means for whoever asked: PostgreSQL, appendix A (error codes), every class.
 *
 * - `passing`: it goes by itself, usually within seconds: the same is asked again soon.
 * - `lasting`: it stays until an operator does something: the same is asked again, ever more rarely.
 * - `ours`: it is about what was asked, and would be so again: a value, a constraint, a defect. It is not asked again.
 */
export type FaultNature = 'passing' | 'lasting' | 'ours';

type SqlClass = {
	readonly says: string;
	readonly nature: FaultNature;
	/** Codes of the class that are otherwise. */
	readonly but?: Readonly<Record<string, FaultNature>>;
};

/** By the first two characters of the code. */
export const SQL_CLASSES: Readonly<Record<string, SqlClass>> = {
	'00': { says: 'successful completion', nature: 'ours' },
	'01': { says: 'warning', nature: 'ours' },
	'02': { says: 'no data', nature: 'ours' },
	'03': { says: 'SQL statement not yet complete', nature: 'ours' },
	// PgBouncer says 08P01 of nearly everything, a server that is away among it.
	'08': { says: 'connection exception', nature: 'passing' },
	'09': { says: 'triggered action exception', nature: 'ours' },
	'0A': { says: 'feature not supported', nature: 'ours' },
	'0B': { says: 'invalid transaction initiation', nature: 'ours' },
	'0F': { says: 'locator exception', nature: 'ours' },
	'0L': { says: 'invalid grantor', nature: 'lasting' },
	'0P': { says: 'invalid role specification', nature: 'lasting' },
	'0Z': { says: 'diagnostics exception', nature: 'ours' },
	'20': { says: 'case not found', nature: 'ours' },
	'21': { says: 'cardinality violation', nature: 'ours' },
	'22': { says: 'data exception', nature: 'ours' },
	'23': { says: 'integrity constraint violation', nature: 'ours' },
	'24': { says: 'invalid cursor state', nature: 'ours' },
	// 25006: a standby, or a server that was made read-only. 25P03, 25P04: the process slept within a transaction.
	'25': {
		says: 'invalid transaction state',
		nature: 'ours',
		but: { '25006': 'lasting', '25P03': 'passing', '25P04': 'passing' },
	},
	'26': { says: 'invalid SQL statement name', nature: 'ours' },
	'27': { says: 'triggered data change violation', nature: 'ours' },
	'28': { says: 'invalid authorization specification', nature: 'lasting' },
	'2B': { says: 'dependent privilege descriptors still exist', nature: 'ours' },
	'2D': { says: 'invalid transaction termination', nature: 'ours' },
	'2F': { says: 'SQL routine exception', nature: 'ours' },
	'34': { says: 'invalid cursor name', nature: 'ours' },
	'38': { says: 'external routine exception', nature: 'ours' },
	'39': { says: 'external routine invocation exception', nature: 'ours' },
	'3B': { says: 'savepoint exception', nature: 'ours' },
	'3D': { says: 'invalid catalog name (the database is not there)', nature: 'lasting' },
	'3F': { says: 'invalid schema name', nature: 'lasting' },
	// Serialisation failures and deadlocks are tried again at once before that.
	'40': { says: 'transaction rollback', nature: 'passing', but: { '40002': 'ours' } },
	'42': { says: 'syntax error or access rule violation', nature: 'ours', but: { '42501': 'lasting' } },
	'44': { says: 'WITH CHECK OPTION violation', nature: 'ours' },
	// 53100: the disk is full. 53400: a limit of the configuration.
	'53': { says: 'insufficient resources', nature: 'passing', but: { '53100': 'lasting', '53400': 'lasting' } },
	'54': { says: 'program limit exceeded', nature: 'ours' },
	'55': {
		says: 'object not in prerequisite state',
		nature: 'passing',
		but: { '55P02': 'lasting', '55P04': 'ours' },
	},
	// 57P01 to 57P03: the server stops, has crashed, starts. 57014: a time-out of ours. 57P04: the database was dropped.
	'57': { says: 'operator intervention', nature: 'passing', but: { '57P04': 'lasting' } },
	'58': { says: 'system error (outside of PostgreSQL)', nature: 'lasting' },
	'72': { says: 'snapshot failure', nature: 'passing' },
	F0: { says: 'configuration file error', nature: 'lasting' },
	HV: { says: 'foreign data wrapper error', nature: 'ours' },
	P0: { says: 'PL/pgSQL error', nature: 'ours' },
	// XX001, XX002: data or an index is corrupted.
	XX: { says: 'internal error', nature: 'ours', but: { XX001: 'lasting', XX002: 'lasting' } },
};

/** There is no answer: the connection was not made, ended, or is silent. */
export const CONNECTION_FAILURE = '08006';

/** Of a five-character code; undefined: of a class that no PostgreSQL has. */
export function natureOfState(code: string): FaultNature | undefined {
	const found = Object.hasOwn(SQL_CLASSES, code.slice(0, 2)) ? SQL_CLASSES[code.slice(0, 2)] : undefined;
	return found?.but?.[code] ?? found?.nature;
}

/** The SQLSTATE of an error; undefined: it is none of a database. */
export function sqlStateOf(error: unknown): string | undefined {
	const { code } = (error ?? {}) as { code?: unknown };
	return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && natureOfState(code) !== undefined ? code : undefined;
}

/** What an error of the database means; undefined: it is none of a database. */
export function natureOf(error: unknown): FaultNature | undefined {
	const code = sqlStateOf(error);
	return code === undefined ? undefined : natureOfState(code);
}

/** In words that name nothing of ours or of the server's: everybody may read them. */
export function sqlStateText(code: string): string {
	return `SQLSTATE ${code}: ${SQL_CLASSES[code.slice(0, 2)]?.says ?? 'unknown'}`;
}
