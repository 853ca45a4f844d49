/** The newest version of the file; an older one is migrated while it is read. */
export const CONFIG_VERSION = 1;
