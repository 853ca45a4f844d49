/** Names of the lab's internet. */
export const ZERO_RATED_NAME = 'free.lab.example';
export const GARDEN_NAME = 'pay.lab.example';
/** All below it belongs to whoever tunnels. */
export const TUNNEL_DOMAIN = 't.lab.example';
/** Left of the domain: an answer is wanted. */
export const DOWN_LABEL = 'd';
/** `host1.cdn.lab.example` and so on: as long as ordinary names are. */
export const HOST_PATTERN = /^host(\d{1,3})\.cdn\.lab\.example$/;
