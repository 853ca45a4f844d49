/**
 * Version 13, as released: what each date was set by. Never edited afterwards.
 *
 * A date that was set while the clock was wrong destroyed what it dated as soon as the clock was right. Now each date has the time at
 * which it was set, on the clock that it was set by, and moves when that clock is corrected. `clock` is where that clock stands.
 */
export const SCHEMA_CLOCK = `
CREATE TABLE clock (
	single INTEGER PRIMARY KEY CHECK (single = 1),
	boot TEXT NOT NULL,
	offset_ms INTEGER NOT NULL,
	since_ms INTEGER NOT NULL,
	known_by TEXT CHECK (known_by IN ('kernel', 'battery')),
	seen_ms INTEGER NOT NULL
) STRICT;
ALTER TABLE package ADD COLUMN dated_at_ms INTEGER;
ALTER TABLE gift ADD COLUMN dated_at_ms INTEGER;
ALTER TABLE permission ADD COLUMN dated_at_ms INTEGER;
-- Null, as of all that an older version dated: nobody knows by what, so it keeps its date.
CREATE INDEX package_dated ON package (dated_at_ms) WHERE dated_at_ms IS NOT NULL;
CREATE INDEX gift_dated ON gift (dated_at_ms) WHERE dated_at_ms IS NOT NULL;
CREATE INDEX permission_dated ON permission (dated_at_ms) WHERE dated_at_ms IS NOT NULL;
`;
