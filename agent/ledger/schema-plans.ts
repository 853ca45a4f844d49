/** Plans that the operator adds while the agent runs. Never edited once released. */
export const SCHEMA_PLANS = `
CREATE TABLE added_plan (
	name TEXT PRIMARY KEY,
	plan TEXT NOT NULL CHECK (json_valid(plan) AND json_type(plan) = 'object'), -- as in the configuration, keys in order
	added_wall_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
