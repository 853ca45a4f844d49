/** What a phone's camera understands as a network to join (ZXing, "Barcode Contents", Wi-Fi network config). */
export function wifiCode({ name, password }: { name: string; password: string | undefined }): string {
	const secret = password === undefined ? 'T:nopass' : `T:WPA;P:${escaped(password)}`;
	return `WIFI:S:${escaped(name)};${secret};;`;
}

/** A word of hexadecimal digits only is quoted, or it would be taken for bytes. */
function escaped(text: string): string {
	const safe = text.replace(/[\\;,:"]/g, '\\$&');
	return /^(?:[0-9A-Fa-f]{2})+$/.test(text) ? `"${safe}"` : safe;
}
