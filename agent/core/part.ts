/** A part of the agent. Parts are started one after the other, and stopped in the reverse order, each only if its start succeeded. */
export type Part = {
	start?(): unknown;
	stop?(): unknown;
};
