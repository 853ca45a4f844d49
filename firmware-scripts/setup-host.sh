#!/bin/sh
# setup-host.sh [TIER…]: brings a Debian 12 machine with Node and npm to the point where the commands of its tiers work:
#   demo   npm run demo; part of the others
#   test   npm test, which also needs vm
#   vm     npm run vm
# Without a word: test vm. Installs only what is missing, says what it is for, and how long it takes. Asks nothing. The next run goes
# on where one was interrupted; when everything is there it says nothing.
# As an ordinary user it installs no system packages, but says which are missing and how to get them.
set -eu

cd "$(dirname "$0")/.."
# shellcheck source=/dev/null
. firmware-scripts/progress.sh

# One package a line: the tier that needs it (two with a comma; `compile` is for what has no prebuilt binary), its name, the programs or
# files of it that we use (a test compares them with everything that we start), and what for.
packages='
demo    nftables        nft                loads and prints the ruleset
demo    iproute2        ip,tc              the network of the lab, and the classes of the throttle
demo    mount           mount,umount       file systems of the lab, on its own tmpfs
demo    procps          sysctl             forwarding in the router of the lab
demo    dnsmasq-base    dnsmasq            the DHCP server of the router
demo    udhcpc          udhcpc             the DHCP client of the stations
demo    ethtool         ethtool            switches off segmentation offloads, so that a byte is a byte on every hop
demo    libpcap0.8      libpcap.so         listens for the passive sensor
compile,test,vm gcc     gcc,cc             compiles our native part of netlink, and packet-cost
compile g++             g++                compiles better-sqlite3 and pcap
compile,test,vm libc6-dev /usr/include/stdio.h headers for both compilers
compile make            make               builds the same
compile python3         python3            node-gyp, which directs make
compile libpcap-dev     -lpcap             headers for pcap
test,vm iputils-ping    ping               is a station there?
test,vm tcpdump         tcpdump            what a station really receives: an independent witness
test    conntrack       conntrack          forgets flows of the router
test    e2fsprogs       mkfs.ext4          the file system of the power-cut scenario
test    openssl         openssl            certificates for the tests of brokers
test    tmux            tmux               the terminal in which the lab runs the dashboard
test    lcdproc         /usr/sbin/LCDd     a real driver of character displays, for the tests of octroi lcd
test    chromium        /usr/bin/chromium  opens the portal as a client does
test    fonts-noto-core -                  letters of all languages of the portal
test    zbar-tools      /usr/bin/zbarimg   reads printed QR codes back
test    p0f             /etc/p0f/p0f.fp    signatures of systems: the labelled set of tethering
test    mosquitto       mosquitto,mosquitto_passwd an MQTT broker with TLS, MQTT 5 and shared subscriptions
test    nats-server     nats-server        an MQTT broker that knows 3.1.1 only
test    pgbouncer       /usr/sbin/pgbouncer the pooler before that store
test    postgresql      initdb,postgres,pg_isready,psql the store of a carrier; the tests start a server of their own
test    shellcheck      shellcheck         checks the shell scripts
vm      qemu-system-x86 qemu-system-x86_64 the virtual access point
vm      hostapd         hostapd            the radio of its access point
vm      wpasupplicant   wpa_supplicant     the radio of its stations
vm      iw              iw                 moves simulated radios into namespaces
vm      busybox         busybox            the first program in it
vm      kmod            modprobe,depmod    the modules of its kernel
vm      xz-utils        xz                 unpacks them
'

# MB (10⁶ bytes) that the packages of a tier take on the disk, with those that they need themselves and with what is downloaded.
packages_mb() {
	case $1 in
		demo) echo 150 ;;
		compile) echo 350 ;;
		test) echo 1500 ;;
		vm) echo 700 ;;
	esac
}
modules_mb_demo=250
modules_mb_all=450

# Packages of npm that the demo needs beside those of the product, and that only they who develop have.
demo_modules='typescript aedes'
# These have a binary part.
native_modules='better-sqlite3 pcap netlink'

node_major_min=20
node_minor_min=20
# A mirror or registry that says nothing for so long is not waited for any longer.
silence_seconds=20
failures_max=30
lists_seconds_max=180
prebuilt_seconds_max=30
lock_seconds_max=1800

say() { echo "setup: $*"; }

fail() {
	echo "setup: $*" >&2
	exit 1
}

read_tiers() {
	[ $# -gt 0 ] || set -- test vm
	for word in "$@"; do
		case $word in
			demo | test | vm) ;;
			*)
				echo 'usage: setup-host.sh [demo] [test] [vm]' >&2
				exit 2
				;;
		esac
	done
	tiers=$(printf '%s\n' demo "$@" | awk '!seen[$0]++' | paste -s -d " " -)
}

has_tier() {
	case " $tiers " in *" $1 "*) return 0 ;; *) return 1 ;; esac
}

check_node() {
	what_to_do="install Node $node_major_min.$node_minor_min or newer with npm (nodejs.org has it), and run this again."
	if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
		fail "node or npm is missing: $what_to_do"
	fi
	version=$(node --version)
	version=${version#v}
	major=${version%%.*}
	minor=${version#*.}
	minor=${minor%%.*}
	if [ "$major" -lt "$node_major_min" ] || { [ "$major" -eq "$node_major_min" ] && [ "$minor" -lt "$node_minor_min" ]; }; then
		fail "Node is $version, which is too old: $what_to_do"
	fi
}

# Two at the same time in one folder would write the same files. The lock is the folder itself, and ends with this script.
take_lock() {
	command -v flock >/dev/null 2>&1 || return 0
	exec 9<.
	waited=0
	while ! flock --nonblock 9; do
		[ "$waited" -lt "$lock_seconds_max" ] ||
			fail 'the other set-up in this folder has not ended for half an hour: end it, and run this again.'
		[ $((waited % 10)) -ne 0 ] ||
			say "another set-up runs in this folder; this one goes on when it has ended ($waited s)"
		sleep 1
		waited=$((waited + 1))
	done
}

# packages_of TIER…: the names, one a line.
packages_of() {
	printf '%s\n' "$packages" | awk -v tiers="$*" '
		BEGIN { split(tiers, words, " "); for (i in words) wanted[words[i]] = 1 }
		{ split($1, own, ","); for (i in own) if (own[i] in wanted) { print $2; next } }'
}

# missing_packages TIER…: those that are not installed, one a line.
missing_packages() {
	names=$(packages_of "$@")
	# shellcheck disable=SC2086 # one word for each package
	installed=$(dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' $names 2>/dev/null |
		sed -n 's/^installed //p') || true
	for name in $names; do
		printf '%s\n' "$installed" | grep -qxF -- "$name" || echo "$name"
	done
}

# explain NAME…: a line for each, with what it is for.
explain() {
	for name in "$@"; do
		printf '%s\n' "$packages" | awk -v name="$name" '$2 == name { sub(/^ *[^ ]+ +[^ ]+ +[^ ]+ +/, ""); printf "  %-16s %s\n", name, $0 }'
	done
}

# free_mb FOLDER
free_mb() {
	df -Pk "$1" | awk 'NR == 2 { print int($4 * 1024 / 1000000) }'
}

# need_space FOLDER MB WHAT
need_space() {
	free=$(free_mb "$1")
	[ "$free" -ge "$2" ] ||
		fail "the disk of $1 has $free MB free, and $3 need $2 MB: make room, and run this again."
}

# Before the lists are there, apt cannot say what a package takes; then the figures of the tiers do, if most of a tier is missing.
check_space() {
	needed=0
	for tier in $tiers compile; do
		[ "$tier" != compile ] || needs_compilers || continue
		all=$(packages_of "$tier" | wc -l)
		absent=$(missing_packages "$tier" | wc -l)
		[ $((absent * 2)) -le "$all" ] || needed=$((needed + $(packages_mb "$tier")))
	done
	[ "$needed" -eq 0 ] || need_space /usr "$needed" "the packages of the tiers $tiers"
}

check_modules_space() {
	needed=$modules_mb_demo
	[ "$kind" = demo ] || needed=$modules_mb_all
	[ ! -d node_modules/typescript ] || needed=$((needed / 2))
	need_space . "$needed" 'the packages of npm'
}

# step WHAT COMMAND…: one that may take long; what it prints is shown only if it fails, its end by the caller.
step() {
	what=$1
	shift
	step_began=$(date +%s)
	say "$what …"
	with_progress "$what" "$scratch/log" "$@"
}

took() { say "$1: done after $(($(date +%s) - step_began)) s"; }

apt() {
	env LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"
}

apt_options="-o Acquire::http::Timeout=$silence_seconds -o Acquire::https::Timeout=$silence_seconds -o Acquire::Retries=1 -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 --quiet"

# Whatever went wrong, in one sentence. Reads the log of the step.
why_apt_failed() {
	gone=$(sed -n "s/^E: Unable to locate package \(.*\)/\1/p; s/^E: Package '\(.*\)' has no installation candidate.*/\1/p" "$scratch/log" | tr '\n' ' ')
	unreachable=$(cat "$scratch/unreachable" "$scratch/log" 2>/dev/null | sed -n 's/^\(W\|E\|Err\): *Failed to fetch \([^ ]*\) *\(.*\)/\2 (\3)/p' | head -n 1 | cut -c 1-200)
	if grep -q 'Could not get lock\|Unable to lock' "$scratch/log"; then
		echo 'another program is installing packages: wait until it has ended, and run this again.'
	elif grep -q "don't have enough free space\|No space left on device" "$scratch/log"; then
		echo "the disk is full ($(free_mb /usr) MB free): make room, and run this again."
	elif grep -q ' 404 ' "$scratch/log"; then
		echo "a package is no longer where the lists say it is ($unreachable): wait until the mirror is whole or use another (/etc/apt/sources.list), and run this again."
	elif [ -n "$unreachable" ]; then
		echo "the package sources cannot be reached: $unreachable; check the network or the proxy, and run this again."
	elif [ -n "$gone" ]; then
		echo "the package sources of this machine (/etc/apt/sources.list) do not have ${gone% }: add Debian 12 main to them, and run this again."
	else
		tail -n 5 "$scratch/log" >&2
		echo 'apt-get failed (see above): put it right, and run this again.'
	fi
}

install_packages() {
	wanted=$tiers
	! needs_compilers || wanted="$tiers compile"
	# shellcheck disable=SC2086 # a list of words
	if ! command -v dpkg-query >/dev/null 2>&1; then
		advise_programs $wanted
		return
	fi
	# shellcheck disable=SC2086 # a list of words
	missing=$(missing_packages $wanted | tr '\n' ' ')
	missing=${missing% }
	[ -n "$missing" ] || return 0
	say "missing Debian packages, for $tiers:"
	# shellcheck disable=SC2086 # one word for each package
	explain $missing
	if [ "$(id -u)" -ne 0 ]; then
		echo 'setup: they need root; run this, then come back:' >&2
		echo "  sudo apt-get update && sudo apt-get install --yes --no-install-recommends $missing" >&2
		exit 1
	fi
	check_space
	fetch_and_install
}

fetch_and_install() {
	# shellcheck disable=SC2086 # options and names are words
	set -- $apt_options --no-install-recommends install $missing
	# A source that has nothing to do with us may fail; whether the packages can be had shows below.
	# shellcheck disable=SC2086 # options are words
	step 'fetching the lists of packages' apt timeout --foreground "$lists_seconds_max" apt-get $apt_options update ||
		{
			[ $? -eq 124 ] && fail "the package sources have not answered for $lists_seconds_max s: check the network or the proxy, and run this again."
			fail "$(why_apt_failed)"
		}
	grep '^W: Failed to fetch\|^E: Failed to fetch\|^W: Some index files failed' "$scratch/log" >"$scratch/unreachable" || true
	[ -s "$scratch/unreachable" ] || took 'lists of packages'
	# Answered with no, it says what it would do; its status is that of a refusal then.
	with_progress 'working out what they need' "$scratch/log" apt apt-get --assume-no "$@" || true
	! grep -q '^E: ' "$scratch/log" || fail "$(why_apt_failed)"
	estimate=$(sed -n 's/^Need to get \(.*\) of archives.*/\1 to download/p; s/^After this operation, \(.*\) of additional disk space.*/\1 on the disk/p' "$scratch/log" | paste -s -d , - | sed 's/,/, /')
	say "into the system, with apt-get, for all its users: ${estimate:-see apt}"
	services=$(printf '%s\n' "$missing" | tr ' ' '\n' | grep -xE 'postgresql|pgbouncer|mosquitto|lcdproc|hostapd|nats-server|wpasupplicant' | paste -s -d ' ' -) || true
	[ -z "$services" ] || say "Debian starts services of some of them, which we do not use: $services"
	step 'downloading the packages' apt apt-get --yes --download-only "$@" || fail "$(why_apt_failed)"
	took 'download'
	step 'unpacking the packages' apt apt-get --yes "$@" || fail "$(why_apt_failed)"
	took 'packages'
}

# Elsewhere than on Debian: says what cannot be found.
advise_programs() {
	absent=$(
		packages_of "$@" | while read -r name; do
			programs=$(printf '%s\n' "$packages" | awk -v name="$name" '$2 == name { print $3 }' | tr ',' ' ')
			for program in $programs; do
				case $program in
					-* | *.so) continue ;;
				esac
				PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null || [ -e "$program" ] || echo "$name"
			done
		done | sort -u | tr '\n' ' '
	)
	[ -n "$absent" ] || return 0
	say 'this is not Debian; these seem to be missing (Debian names):'
	# shellcheck disable=SC2086 # one word for each package
	explain $absent
}

modules_stamp=node_modules/.octroi-modules

# npm ARGUMENTS…, as long as the registry answers: npm waits for each of some hundred packages by itself. So many requests in a row that failed,
# of which npm has fifteen at once, say enough. Reads the log of the step. In the background, where Ctrl-C does not reach it; `interrupted` ends it.
npm_while_answered() {
	npm "$@" &
	npm_pid=$!
	while kill -0 "$npm_pid" 2>/dev/null; do
		unanswered=$(tail -n "$failures_max" "$scratch/log" | grep -c ' attempt [0-9]* failed') || true
		[ "$unanswered" -lt "$failures_max" ] || kill "$npm_pid" 2>/dev/null || true
		sleep 1
	done
	npm_status=0
	wait "$npm_pid" || npm_status=$?
	npm_pid=
	return "$npm_status"
}

# Sets `kind`, which part of the packages of npm is wanted: demo, all, or none when they are there.
choose_modules() {
	kind=demo
	# Whoever has all of them keeps all of them.
	if has_tier test || [ -d node_modules/ava ]; then kind=all; fi
	if [ -f "$modules_stamp" ] && [ -z "$(find package-lock.json -newer "$modules_stamp")" ]; then
		case $(cat "$modules_stamp") in all | "$kind") kind=none ;; esac
	fi
	[ "$kind" = none ] || check_modules_space
}

# The packages of npm, as package-lock.json has them: all of them, or for the demo those of the product and what builds it.
# All are added to those of the demo, so that nothing is compiled twice. Scripts of packages run later, when the compilers are there.
install_modules() {
	[ "$kind" != none ] || return 0
	set -- --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=http \
		--fetch-timeout=$((silence_seconds * 1000)) --fetch-retries=2 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000
	if [ "$kind" = demo ]; then
		# npm has no name for such a part of the packages; one made from our two files, in a folder of its own, has nothing else.
		part=build/demo-modules
		rm -rf "$part"
		mkdir -p "$part"
		write_demo_manifest "$part"
		cp .npmrc "$part/"
		step 'fetching the packages of npm, for the demo' npm_while_answered ci --prefix "$part" "$@" || fail "$(why_npm_failed)"
		rm -rf node_modules
		mv "$part/node_modules" node_modules
		rm -rf "$part"
	else
		step 'fetching the packages of npm' npm_while_answered install --no-save "$@" || fail "$(why_npm_failed)"
	fi
	same_as_locked || fail 'what npm installed is not what package-lock.json says: remove node_modules, and run this again.'
	rm -f "$natives_stamp"
	echo "$kind" >"$modules_stamp"
	took 'packages of npm'
}

# write_demo_manifest FOLDER: package.json and package-lock.json, without the packages that only tests need.
# shellcheck disable=SC2016 # JavaScript
write_demo_manifest() {
	node -e '
		const { readFileSync, writeFileSync } = require("node:fs");
		const [folder, names] = process.argv.slice(1);
		const [manifest, lock] = ["package.json", "package-lock.json"].map((name) => JSON.parse(readFileSync(name, "utf8")));
		for (const name of names.split(" ")) manifest.dependencies[name] = manifest.devDependencies[name];
		for (const one of [manifest, lock.packages[""]]) {
			one.dependencies = manifest.dependencies;
			delete one.devDependencies;
		}
		writeFileSync(`${folder}/package.json`, JSON.stringify(manifest));
		writeFileSync(`${folder}/package-lock.json`, JSON.stringify(lock));
	' "$1" "$demo_modules"
}

# shellcheck disable=SC2016 # JavaScript
same_as_locked() {
	node -e '
		const { packages: locked } = require("./package-lock.json");
		const { packages: installed } = require("./node_modules/.package-lock.json");
		const other = Object.keys(installed).filter((path) =>
			installed[path].version !== locked[path]?.version || installed[path].integrity !== locked[path]?.integrity);
		for (const path of other) console.error(`setup: ${path} differs from package-lock.json`);
		process.exitCode = other.length === 0 ? 0 : 1;
	'
}

why_npm_failed() {
	registry=$(npm config get registry)
	gone=$(sed -n 's/^npm error 404 *.\(.*\). is not in this registry.*/\1/p; s/^npm error notarget No matching version found for \(.*\)\.$/\1/p; s/^npm error 404 Not Found - GET \([^ ]*\).*/\1/p' "$scratch/log" | head -n 1)
	if grep -q 'ENOSPC' "$scratch/log"; then
		echo "the disk is full ($(free_mb .) MB free): make room, and run this again."
	elif [ -n "$gone" ]; then
		echo "the registry $registry does not have $gone, which package-lock.json names: wait, or use another registry (npm config set registry …), and run this again."
	elif grep -q 'EACCES\|EPERM' "$scratch/log"; then
		echo 'npm may not write here (see: ls -ld . node_modules): run this as the owner of the folder, or remove node_modules.'
	elif grep -qE 'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENETUNREACH|EHOSTUNREACH|EIDLETIMEOUT|FETCH_ERROR|network' "$scratch/log"; then
		echo "the registry $registry does not answer: check the network or the proxy, and run this again."
	else
		grep '^npm error' "$scratch/log" | tail -n 8 >&2
		echo 'npm failed (see above): put it right, and run this again.'
	fi
}

# native_part NAME: does it load?
native_part() {
	case $1 in
		better-sqlite3) set -- 'new (require("better-sqlite3"))(":memory:").close()' ;;
		pcap) set -- 'require("pcap")' ;;
		netlink) set -- 'import("netlink").then(() => undefined)' ;;
		*) set -- "process.dlopen({ exports: {} }, '$addon')" ;;
	esac
	node -e "$1" >/dev/null 2>&1
}

# The parts that do not load: names of packages, and `native` for our own (agent/netlink/native), also when its source is newer.
absent_natives() {
	known=$([ ! -f "$natives_stamp" ] || cat "$natives_stamp")
	if [ "$known" != "$natives_key" ]; then
		for name in $native_modules; do native_part "$name" || echo "$name"; done
	fi
	[ -f "$addon" ] && [ -z "$(find agent/netlink/native -maxdepth 1 -type f -newer "$addon")" ] && native_part native || echo native
}

# Known before the packages of npm are there, so that the compilers come with the other packages of Debian. Our own part has no prebuilt
# binary, and pcap has none either.
needs_compilers() {
	[ -n "$absent" ]
}

build_natives() {
	absent=$(absent_natives)
	if [ -n "$absent" ]; then build_absent; fi
	echo "$natives_key" >"$natives_stamp"
}

build_absent() {
	rm -f "$natives_stamp"
	if printf '%s\n' "$absent" | grep -qx better-sqlite3 && fetch_prebuilt; then absent=$(absent_natives); fi
	find_headers
	modules=$(printf '%s\n' "$absent" | grep -vx native | paste -s -d ' ' -) || true
	# node-gyp takes JOBS, make MAKEFLAGS of what does not go through it.
	cores=$(nproc)
	export JOBS=max MAKEFLAGS="-j$cores"
	if [ -n "$modules" ]; then
		# shellcheck disable=SC2086 # one word for each package
		step "compiling $modules on $cores cores" env npm_config_build_from_source=true npm rebuild --foreground-scripts $modules ||
			fail "$(why_compiler_failed "$modules")"
		took "$modules"
	fi
	if printf '%s\n' "$absent" | grep -qx native; then
		step 'compiling our native part of netlink' npm run --silent build:native || fail "$(why_compiler_failed 'agent/netlink/native')"
		took 'native part of netlink'
	fi
	absent=$(absent_natives | paste -s -d ' ' -)
	[ -z "$absent" ] || fail "$absent was built and does not load: remove node_modules and agent/netlink/native/build, and run this again."
}

# The author of better-sqlite3 offers binaries; where they cannot be reached it is compiled.
fetch_prebuilt() {
	step 'looking for a prebuilt better-sqlite3' \
		sh -c "cd node_modules/better-sqlite3 && exec timeout --foreground $prebuilt_seconds_max node ../prebuild-install/bin.js" || {
		say 'there is none that can be reached; it is compiled.'
		return 1
	}
	took 'prebuilt better-sqlite3'
}

# node-gyp would download the headers of Node, which most installations have.
find_headers() {
	[ -z "$(npm config get nodedir)" ] || [ "$(npm config get nodedir)" = undefined ] || return 0
	prefix=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
	if [ -f "$prefix/include/node/node_api.h" ] && [ -f "$prefix/include/node/common.gypi" ]; then export npm_config_nodedir="$prefix"; fi
}

why_compiler_failed() {
	cp "$scratch/log" build-failed.log
	if grep -q 'No space left on device' "$scratch/log"; then
		echo "the disk is full ($(free_mb .) MB free): make room, and run this again."
	elif grep -qE 'gyp (ERR!|error).*(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET)' "$scratch/log"; then
		echo "$1 needs the headers of Node, and nodejs.org cannot be reached: install them (Node's own archive has include/node), set npm config set nodedir to that folder, and run this again."
	elif grep -qE 'find Python|not found: make|make: not found|g\+\+: not found' "$scratch/log"; then
		echo "$1 has to be compiled, and there is no compiler: install gcc, g++, make and python3, and run this again."
	else
		tail -n 15 "$scratch/log" >&2
		echo "$1 does not compile (the end is above, all of it in build-failed.log)."
	fi
}

# shellcheck disable=SC2317 # called by a trap
interrupted() {
	stop_progress
	[ -z "${npm_pid:-}" ] || kill "$npm_pid" 2>/dev/null || true
	echo 'setup: stopped; the next run goes on from here.' >&2
	exit 130
}

addon=./agent/netlink/native/build/Release/socket_option.node
read_tiers "$@"
check_node
scratch=$(mktemp -d) || fail 'cannot make a temporary folder: is the disk full?'
trap 'stop_progress; rm -rf "$scratch"' EXIT
trap interrupted INT TERM HUP
take_lock
natives_key="$(node --version) $(uname -m)"
natives_stamp=node_modules/.octroi-natives
absent=$(absent_natives)
choose_modules
install_packages
install_modules
build_natives
