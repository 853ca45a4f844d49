/** Names of the lab's internet. */
export const ZERO_RATED_NAME = 'free.lab.example';
export const GARDEN_NAME = 'pay.lab.example';
/** All below it belongs to whoever tunnels. */
export const TUNNEL_DOMAIN = 't.lab.example';
/** `host1.lab.example` and so on: ordinary names. */
export const HOST_PATTERN = /^host(\d{1,3})\.lab\.example$/;
