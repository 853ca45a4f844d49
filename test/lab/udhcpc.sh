#!/bin/sh
# shellcheck disable=SC2154 # udhcpc gives ip, mask, interface and router in the environment
# What busybox' udhcpc calls when a lease comes: sets the address and the default route of one lab station.
set -e
case "$1" in
bound | renew)
	ip address replace "$ip/$mask" dev "$interface"
	[ -z "$router" ] || ip route replace default via "${router%% *}" dev "$interface"
	;;
esac
