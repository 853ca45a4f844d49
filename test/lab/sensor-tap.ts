import { loadPcap } from '../../agent/sensor/pcap-binding.ts';
import { BUFFER_BYTES, NEIGHBOURS, SNAP_BYTES } from '../../agent/sensor/sensor.ts';

/** Listens as the agent's sensor does by default, on the device that is named, until it is killed: for what that costs a packet. */

const [device = ''] = process.argv.slice(2);
const reader = loadPcap().open({
	device,
	filter: NEIGHBOURS,
	snapBytes: SNAP_BYTES,
	bufferBytes: BUFFER_BYTES,
	isInboundOnly: true,
	isPromiscuous: true,
	onFrame: () => undefined,
});
setInterval(() => reader.read(), 100);
process.stdout.write('ready\n');
