import { RTM_DELROUTE, RTM_NEWROUTE } from './constants.ts';
import type { NetlinkMessage } from './message.ts';

/** struct rtmsg (linux/rtnetlink.h): family u8, dst_len u8, … 12 bytes in all. */
const RTMSG_BYTES = 12;

/** Does a message of the route groups tell of a default route, of any table? */
export function isDefaultRouteEvent({ type, buffer, start, end }: NetlinkMessage): boolean {
	if (type !== RTM_NEWROUTE && type !== RTM_DELROUTE) return false;
	return end - start >= RTMSG_BYTES && buffer[start + 1] === 0;
}
