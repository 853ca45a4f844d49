import type { Namespace } from '../namespace/namespace.ts';

/** TCP segments that a namespace has sent, and those of them that it had to send again. */
export async function tcpSegments(space: Namespace): Promise<{ sent: number; again: number }> {
	const text = await space.run('cat', ['/proc/self/net/snmp']);
	const [names = '', values = ''] = text.split('\n').filter((line) => line.startsWith('Tcp: '));
	const value = (name: string) => Number(values.split(' ')[names.split(' ').indexOf(name)]);
	return { sent: value('OutSegs'), again: value('RetransSegs') };
}
