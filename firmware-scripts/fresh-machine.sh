#!/bin/sh
# fresh-machine.sh COMMAND…: runs COMMAND as a newcomer would: in a Debian 12 root that has nothing but the base system,
# certificates, Node and npm, in a clean copy of the last commit of this checkout, in namespaces of its own.
#   firmware-scripts/fresh-machine.sh npm run demo -- --seconds 20
#   firmware-scripts/fresh-machine.sh npm test
# Ends with the command's status, or with 125 when no such root can be made here. Needs root, Debian, and debootstrap for the first run.
# Says on stderr how many seconds and MB (10⁶ bytes) each step took, and what the command downloaded.
#
# Environment:
#   FRESH_MACHINE_CACHE   where the archive of the bare root is kept ($XDG_CACHE_HOME/octroi, or /var/cache/octroi); it is made anew
#                         when it is a month old, or does not unpack
#   FRESH_MACHINE_TMP     where the root is unpacked, and removed afterwards (/var/tmp)
#   FRESH_MACHINE_FOLDER  name of the folder of the copy, below /root (octroi)
#
# The package sources, npm's settings, certificates and Node are those of this machine. The network is shared with it; processes,
# mounts and the host name are not: they end with the command, also when this script is killed. A folder that a killed script left is
# removed by the next run.
set -eu

checkout=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=/dev/null
. "$checkout/firmware-scripts/progress.sh"

release=bookworm
cache=${FRESH_MACHINE_CACHE:-${XDG_CACHE_HOME:-/var/cache}/octroi}
roots=${FRESH_MACHINE_TMP:-/var/tmp}
folder=${FRESH_MACHINE_FOLDER:-octroi}
archive_days_max=30
# The bare root has 0.35 GB, twice while its archive is made; COMMAND says itself when it needs more.
space_mb_min=1000
# Of a command that was told to end.
grace_seconds=10
status_impossible=125

root=
command_pid=

say() { echo "fresh-machine: $*" >&2; }

fail() {
	say "$*"
	exit "$status_impossible"
}

megabytes() {
	du -sx --block-size=MB "$@" 2>/dev/null | awk '{ sum += $1 } END { print sum + 0 }'
}

check_machine() {
	[ "$(id -u)" -eq 0 ] || fail 'a root of its own needs the rights of root; run it with sudo.'
	# shellcheck source=/dev/null
	distribution=$([ ! -r /etc/os-release ] || (. /etc/os-release && echo "${ID:-}")) || distribution=
	[ "$distribution" = debian ] ||
		fail "this machine is not Debian (${distribution:-unknown}), so it has no package sources for a Debian root; run the command itself, without fresh-machine.sh."
	for program in node npm git flock unshare setpriv; do
		command -v "$program" >/dev/null || fail "$program is missing; install it first."
	done
	git_in_checkout rev-parse --quiet --verify HEAD >/dev/null 2>&1 ||
		fail "$checkout has no commit to copy; run this in a git checkout."
	unshare --mount --propagation private --pid --uts --ipc --fork true 2>/dev/null ||
		fail 'this machine gives root no namespaces (in a container: start it with --privileged).'
	mkdir -p "$cache" "$roots" || fail "cannot make $cache and $roots; set FRESH_MACHINE_CACHE and FRESH_MACHINE_TMP."
	chmod 700 "$cache"
}

check_space() {
	free_mb=$(df --output=avail --block-size=MB "$1" | tail -n 1 | tr -dc 0-9)
	[ "$free_mb" -ge "$space_mb_min" ] ||
		fail "$1 has $free_mb MB free, and a bare root needs $space_mb_min; make room, or set $2 to a folder with more."
}

# The checkout may belong to another user than root.
git_in_checkout() {
	git -c safe.directory='*' -C "$checkout" "$@"
}

# This machine's own Debian sources, whatever their format, one `deb` line each, for $release.
package_sources() {
	# shellcheck source=/dev/null
	own=$(. /etc/os-release && echo "${VERSION_CODENAME:-$release}")
	# apt replaces the words in $(…), not the shell.
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		awk -v own="$own" -v release="$release" \
			'index($2, own) == 1 && ($2 == own || substr($2, length(own) + 1, 1) == "-") {
				print "deb", $1, release substr($2, length(own) + 1), $3
			}' | sort -u
}

# Removes what earlier runs left that could not clean up; whoever still runs holds its lock.
remove_leftovers() {
	for lock in "$roots"/octroi-fresh.*.lock; do
		[ -f "$lock" ] || continue
		flock --nonblock "$lock" rm -rf --one-file-system "${lock%.lock}" "$lock" || true
	done
}

make_archive() {
	command -v debootstrap >/dev/null ||
		fail 'debootstrap is missing, which makes the bare root: apt-get install debootstrap'
	check_space "$cache" FRESH_MACHINE_CACHE
	mirror=$(package_sources | awk -v release="$release" '$3 == release && $4 == "main" { print $2; exit }')
	[ -n "$mirror" ] || fail "the package sources of this machine name no Debian $release main."
	if [ -z "${http_proxy:-}" ]; then
		http_proxy=$(apt-config shell proxy Acquire::http::Proxy | sed -n "s/^proxy='\(.*\)'$/\1/p")
		if [ -n "$http_proxy" ]; then export http_proxy; else unset http_proxy; fi
	fi
	base=$root/base
	with_progress 'making the bare root, once' "$root/log" \
		debootstrap --variant=minbase --include=ca-certificates "$release" "$base" "$mirror" >&2 ||
		{
			tail -n 5 "$root/log" >&2
			fail "debootstrap could not make the root (see above); is $mirror reachable? The next run begins anew."
		}
	rm -f "$base"/var/cache/apt/archives/*.deb "$base"/var/lib/apt/lists/*_*
	# gzip's own checksum finds an archive that is not whole.
	tar -C "$base" -czf "$root/archive" . || fail "cannot write the archive; is there room in $roots?"
	rm -rf --one-file-system "$base"
	# Under its name it is whole or not there.
	{ cp "$root/archive" "$archive.new" && sync "$archive.new" && mv "$archive.new" "$archive"; } ||
		{
			rm -f "$archive.new"
			fail "cannot write $archive; is there room?"
		}
	rm -f "$root/archive"
}

unpack_archive() {
	[ -f "$archive" ] && [ -n "$(find "$archive" -mtime "-$archive_days_max")" ] || return 1
	mkdir "$root/root"
	tar -C "$root/root" -xzf "$archive" 2>/dev/null && return
	say "$archive does not unpack; it is made anew."
	rm -rf --one-file-system "$root/root" "$archive"
	return 1
}

make_root() {
	archive=$cache/bare-root-$release-$(dpkg --print-architecture).tar.gz
	check_space "$roots" FRESH_MACHINE_TMP
	root=$(mktemp -d "$roots/octroi-fresh.XXXXXX")
	exec 9>"$root.lock"
	flock 9
	# One of several that begin at the same time makes it; the others wait.
	exec 8>"$cache/lock"
	flock --nonblock 8 || with_progress 'waiting for the archive that another run makes' "$root/log" flock --timeout 1800 8 >&2 ||
		fail 'another run has been making the archive for half an hour; stop it, and run this again.'
	made='from its archive'
	if ! unpack_archive; then
		made='by debootstrap'
		make_archive
		unpack_archive || fail "cannot unpack $archive in $roots; is there room?"
	fi
	exec 8>&-
	chmod 755 "$root" "$root/root"
}

# copy FILE-OR-FOLDER…: to the same place in the root.
copy() {
	for source in "$@"; do
		[ -e "$source" ] || continue
		mkdir -p "$root/root$(dirname "$source")"
		cp -aL "$source" "$root/root$(dirname "$source")/" 2>/dev/null || true
	done
}

copy_access() {
	rm -rf "$root"/root/etc/apt/sources.list "$root"/root/etc/apt/sources.list.d/*
	package_sources >"$root/root/etc/apt/sources.list"
	copy /etc/apt/trusted.gpg.d /etc/apt/auth.conf /etc/apt/auth.conf.d /etc/ssl/certs /etc/hosts /etc/resolv.conf
	{
		apt-config dump | grep '^Acquire::' | grep -Ev '^Acquire::(IndexTargets|cdrom|Changelogs)'
		# So that what was downloaded can be counted afterwards.
		echo 'APT::Keep-Downloaded-Packages "true";'
		echo 'Acquire::IndexTargets::deb::Packages::KeepCompressed "true";'
		echo 'Acquire::IndexTargets::deb::Packages::KeepCompressedAs "xz";'
	} >"$root/root/etc/apt/apt.conf.d/90fresh-machine"
	[ -z "${NODE_EXTRA_CA_CERTS:-}" ] || copy "$NODE_EXTRA_CA_CERTS"
}

copy_node() {
	node=$(readlink -f "$(command -v node)")
	npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
	headers=$(dirname "$(dirname "$node")")/include/node
	mkdir -p "$root/root/usr/lib/node_modules" "$root/root/usr/include"
	cp -L "$node" "$root/root/usr/bin/node"
	cp -a "$npm" "$root/root/usr/lib/node_modules/npm"
	[ ! -d "$headers" ] || cp -a "$headers" "$root/root/usr/include/"
	for program in npm npx; do
		ln -sf "../lib/node_modules/npm/bin/$program-cli.js" "$root/root/usr/bin/$program"
	done
	chroot "$root/root" /bin/sh -c 'node --version && npm --version' >/dev/null 2>&1 ||
		fail "$node or $npm does not run in a bare root: it needs libraries or modules from elsewhere; use a build from nodejs.org."
	copy_npm_settings
}

copy_npm_settings() {
	user=$(cd / && npm config get userconfig)
	global=$(cd / && npm config get globalconfig)
	authorities=$(cd / && npm config get cafile)
	[ ! -f "$authorities" ] || copy "$authorities"
	nodedir='/^nodedir *=/d'
	[ ! -d "$headers" ] || nodedir='s,^nodedir *=.*,nodedir=/usr,'
	mkdir -p "$root/root/usr/etc"
	[ ! -f "$user" ] || sed "$nodedir" "$user" >"$root/root/root/.npmrc"
	[ ! -f "$global" ] || sed "$nodedir" "$global" >"$root/root/usr/etc/npmrc"
}

copy_checkout() {
	[ -z "$(git_in_checkout status --porcelain 2>/dev/null)" ] ||
		say 'what is not committed is not in the copy.'
	mkdir -p "$root/root/root/$folder"
	git_in_checkout archive HEAD | tar -C "$root/root/root/$folder" -xf -
}

# Not chroot, in which the kernel allows no user namespaces: the root is pivoted, and the machine's own is gone.
# shellcheck disable=SC2016 # runs inside
pivot='
cd "$1"
mount --bind . .
cd "$1"
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t tmpfs -o mode=755 tmpfs run
hostname fresh-machine
mkdir .outside
pivot_root . .outside
cd /
umount -l /.outside
rmdir /.outside
shift
exec /bin/sh -c "$0" "$@"
'
# Process 1 of the root. The command is its child, so that it meets no signal otherwise than elsewhere.
# shellcheck disable=SC2016 # runs inside
first_process='
cd "/root/$0" || exit 125
child=
trap : INT
trap "kill -s TERM \$child" TERM HUP
exec 3<&0
env --default-signal=INT,QUIT -- "$@" <&3 3<&- &
child=$!
exec 3<&- </dev/null
while :; do
	wait "$child"
	status=$?
	kill -0 "$child" 2>/dev/null || exit "$status"
done
'

# What npm keeps: archives as they came, and descriptions of packages, which came compressed.
downloaded_by_npm() {
	find "$root/root/root/.npm/_cacache/content-v2" -type f 2>/dev/null | while read -r file; do
		if [ "$(head -c 2 "$file" | od -A n -t x1 | tr -d ' ')" = 1f8b ]; then wc -c <"$file"; else gzip -c "$file" | wc -c; fi
	done | awk '{ sum += $1 } END { printf "%d\n", sum / 1000000 + 0.5 }'
}

# The settings of this machine that say how packages are reached.
access_environment() {
	for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY NODE_EXTRA_CA_CERTS npm_config_registry NPM_CONFIG_REGISTRY CI; do
		value=$(printenv "$name") && printf '%s\n' "$name=$value"
	done
	return 0
}

run_command() {
	for name in $(access_environment | sed 's/=.*//'); do
		set -- "$name=$(printenv "$name")" "$@"
	done
	set -- LANG=C.UTF-8 "TERM=${TERM:-dumb}" HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
	# A closed stdin is no stdin.
	if ! { true <&0; } 2>/dev/null; then exec </dev/null; fi
	exec 3<&0
	# The kernel ends unshare with this script, and everything inside with unshare.
	setpriv --pdeathsig KILL unshare --mount --propagation private --pid --uts --ipc --fork --kill-child \
		env -i --default-signal=INT,QUIT "$@" <&3 3<&- 8>&- 9>&- &
	command_pid=$!
	exec 3<&-
	status=0
	wait "$command_pid" || status=$?
	command_pid=
}

# One who pressed Ctrl-C has told the command, too; whoever sent another signal has told us alone.
# shellcheck disable=SC2317 # called by traps
interrupted() {
	trap '' INT TERM HUP
	if [ -n "$command_pid" ]; then
		if [ "$1" = INT ] && ends_within "$grace_seconds"; then :; else
			inner=$(cat "/proc/$command_pid/task/$command_pid/children" 2>/dev/null) || inner=
			# shellcheck disable=SC2086 # one number, or none
			[ -z "$inner" ] || kill -s TERM $inner 2>/dev/null || true
			ends_within "$grace_seconds" || kill -s KILL "$command_pid" 2>/dev/null || true
		fi
		wait "$command_pid" 2>/dev/null || true
	fi
	say 'stopped; what was made is removed.'
	exit "$2"
}

# shellcheck disable=SC2317 # called by a trap
ends_within() {
	for _ in $(seq "$(($1 * 5))"); do
		# One that has ended is a zombie until it is waited for.
		[ -d "/proc/$command_pid" ] && ! grep -q '^State:.Z' "/proc/$command_pid/status" 2>/dev/null || return 0
		sleep 0.2
	done
	return 1
}

# shellcheck disable=SC2317 # called by a trap
clean_up() {
	stop_progress
	[ -z "$root" ] || rm -rf --one-file-system "$root" "$root.lock"
}

[ $# -gt 0 ] || {
	sed -n '2,19s/^# \{0,1\}//p' "$0" >&2
	exit "$status_impossible"
}
trap clean_up EXIT
trap 'interrupted INT 130' INT
trap 'interrupted TERM 143' TERM
trap 'interrupted HUP 129' HUP

check_machine
remove_leftovers
began=$(date +%s)
make_root
copy_access
copy_node
root_mb=$(megabytes "$root/root")
say "root, $made: $(($(date +%s) - began)) s, $root_mb MB"

began=$(date +%s)
copy_checkout
say "copy of $(git_in_checkout rev-parse --short HEAD): $(($(date +%s) - began)) s, $(megabytes "$root/root/root/$folder") MB"
bare_mb=$(megabytes "$root/root")

began=$(date +%s)
say "in it: $*"
command_line=$*
run_command /bin/sh -ec "$pivot" "$first_process" "$root/root" "$folder" "$@"
apt_mb=$(megabytes "$root/root/var/cache/apt/archives")
lists_mb=$(megabytes "$root/root/var/lib/apt/lists")
npm_mb=$(downloaded_by_npm)
say "$command_line: status $status, $(($(date +%s) - began)) s, $(($(megabytes "$root/root") - bare_mb)) MB on the disk;" \
	"downloaded $((apt_mb + lists_mb + npm_mb)) MB: Debian packages $apt_mb, lists of packages $lists_mb, npm $npm_mb"
exit "$status"
