/**
 * Every code that an OctroiError can carry, with the exit status that the CLI ends with.
 * `docs/errors.md` explains each; a test compares both ways.
 */
export const ERROR_CODES = {
	/** Wrong words on the command line. */
	usage: 2,
	/** A value from outside has the wrong form or is out of its range. */
	invalid_value: 2,
	/** The configuration file has problems; all of them are listed. */
	config_invalid: 2,
	/** What was asked for does not exist. */
	not_found: 3,
	/** It exists already, and differs from what was asked for. */
	exists_with_different_values: 4,
	/** The account, package or station is not in a state that allows this. */
	not_allowed: 4,
	/** Too many wrong codes: wait. */
	too_many_attempts: 4,
	/** No agent answers on its socket. */
	agent_unreachable: 5,
	/** Another agent already runs on this socket or table. */
	agent_running: 5,
	/** The kernel refused a netlink request. */
	netlink_refused: 6,
	/** A netlink request was not answered in time. */
	netlink_timeout: 6,
	/** The socket to the kernel is closed. */
	netlink_closed: 6,
	/** Bytes from the kernel that do not parse. */
	netlink_malformed: 6,
	/** The kernel or a program lacks something that we need. */
	feature_missing: 6,
	/** A flowtable takes packets past the meter. */
	flow_offload_active: 6,
	/** The ruleset could not be loaded. */
	ruleset_refused: 6,
	/** Permissions do not suffice. */
	permission_denied: 6,
	/** The database is of a newer version than this program. */
	ledger_too_new: 7,
	/** The database cannot be written: disk full, read-only, or damaged. */
	ledger_unwritable: 7,
	/** An invariant of the ledger does not hold. */
	ledger_broken: 7,
	/** The key that the stored codes were hashed with is missing, or is another one. */
	code_key_lost: 7,
	/** A figure or an invariant that a scenario of the lab checks does not hold. */
	lab_figure_missed: 8,
	/** A defect in Octroi itself. */
	internal: 70,
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
