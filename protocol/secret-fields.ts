/** Names of fields that hold a secret wherever they stand, of a customer, a shop, an access point or the platform. */
const SECRET_FIELDS = ['password', 'secret', 'token', 'proof', 'privateKey'];

/** What the logs of both sides put in place of such a field; for pino's `redact`, as deep as anything is logged. */
export const REDACTED = {
	paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
	censor: '[secret]',
};
