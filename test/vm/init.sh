#!/bin/busybox sh
# shellcheck shell=dash
# The guest's first process, in the initramfs: mounts the host's root read-only, lays a tmpfs over it, and goes on there.
# What the host says to this guest (symbolic links, the job) and what comes back lies in a second, writable share.
b=/bin/busybox
$b mkdir -p /proc /sys /dev /lower /upper /merged
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs dev /dev
for module in /modules/*.ko; do $b insmod "$module"; done
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=loose,ro host /lower
$b mount -t tmpfs upper /upper
$b mkdir /upper/data /upper/work
# nosuid: where an ordinary user runs QEMU, root's programs are his here, and a set-uid bit would take our rights away.
$b mount -t overlay -o nosuid,lowerdir=/lower,upperdir=/upper/data,workdir=/upper/work overlay /merged
for directory in dev proc sys; do $b mount --move /$directory /merged/$directory; done
# /tmp stays the overlay's: the checkout or the cache may lie there.
$b mount -t tmpfs run /merged/run
$b mkdir /merged/run/exchange
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=none exchange /merged/run/exchange
exec $b chroot /merged /bin/sh /run/exchange/project/test/vm/guest/start.sh
