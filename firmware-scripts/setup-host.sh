#!/bin/sh
# Brings a Debian 12 machine with Node and npm to the point where `npm run demo` and `npm test` work.
# Installs only what is missing, and says what. The second run does nothing.
# As an ordinary user it installs no system packages, but says which are missing and how to get them.
set -eu

cd "$(dirname "$0")/.."

# One package a line, with what it is for.
packages='
nftables       nft: loads and prints the ruleset
iproute2       ip, tc, bridge: the network of the lab, and the classes of the throttle
util-linux     unshare, nsenter: the namespaces of the lab
mount          mount, losetup: the disk of the power-cut scenario
e2fsprogs      mkfs.ext4: the file system of the power-cut scenario
kmod           modprobe: kernel modules that are not loaded yet
procps         sysctl: forwarding in the router of the lab
dnsmasq-base   dnsmasq: the DHCP server of the router
busybox        udhcpc: the DHCP client of the stations
conntrack      forgets the flows of the router in the power-cut scenario
ethtool        switches off segmentation offloads, so that a byte is a byte on every hop
iputils-ping   ping: is a station there?
gcc            compiles our native part of netlink, and packet-cost
g++            compiles better-sqlite3 where it has no prebuilt binary
libc6-dev      headers for both compilers
make           builds the same
python3        node-gyp, which builds the native part
qemu-system-x86 qemu-system-x86_64: the virtual access point (npm run vm)
hostapd        the radio of its access point
wpasupplicant  the radio of its stations
iw             moves simulated radios into namespaces
xz-utils       unpacks the modules of its kernel
tmux           the terminal in which the lab runs the dashboard
lcdproc        LCDd: a real driver of character displays, for the tests of octroi lcd
chromium       opens the portal as a client does (npm run lab -- browser)
fonts-noto-core letters of all languages of the portal
zbar-tools     reads printed QR codes back
libpcap-dev    headers with which npm builds pcap, the passive sensor
p0f            its database of signatures of systems: the labelled set of tethering
mosquitto      an MQTT broker with TLS, MQTT 5 and shared subscriptions
nats-server    an MQTT broker that knows 3.1.1 only
postgresql     the store of a carrier; the tests start a server of their own
shellcheck     checks the shell scripts (npm test)
'

node_major_min=20
node_minor_min=20

check_node() {
	if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
		echo "setup: node and npm are missing; install Node $node_major_min.$node_minor_min or newer" >&2
		exit 1
	fi
	version=$(node --version)
	version=${version#v}
	major=${version%%.*}
	minor=${version#*.}
	minor=${minor%%.*}
	if [ "$major" -lt "$node_major_min" ] || { [ "$major" -eq "$node_major_min" ] && [ "$minor" -lt "$node_minor_min" ]; }; then
		echo "setup: Node is $version, but $node_major_min.$node_minor_min or newer is needed" >&2
		exit 1
	fi
}

# The names of the packages that are not installed, one a line.
missing_packages() {
	names=$(printf '%s' "$packages" | sed -n 's/^\([^ ]\{1,\}\) .*/\1/p')
	# shellcheck disable=SC2086 # one word for each package
	installed=$(dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' $names 2>/dev/null |
		sed -n 's/^installed //p') || true
	for name in $names; do
		printf '%s\n' "$installed" | grep -qxF "$name" || echo "$name"
	done
}

install_packages() {
	if ! command -v dpkg-query >/dev/null 2>&1; then
		echo 'setup: this is not Debian; make sure that these are there (Debian names):'
		printf '%s\n' "$packages"
		return
	fi
	missing=$(missing_packages)
	[ -n "$missing" ] || return 0
	echo 'setup: missing packages:'
	for name in $missing; do
		printf '%s' "$packages" | grep "^$name " | sed 's/^/  /'
	done
	line=$(printf '%s' "$missing" | tr '\n' ' ')
	line="apt-get install --yes --no-install-recommends $line"
	if [ "$(id -u)" -ne 0 ]; then
		echo 'setup: they need root; run this, then come back:' >&2
		echo "  sudo apt-get update && sudo $line" >&2
		exit 1
	fi
	export DEBIAN_FRONTEND=noninteractive
	echo 'setup: apt-get update'
	apt-get update --quiet=2
	echo "setup: $line"
	# shellcheck disable=SC2086 # one word for each package
	$line --quiet=2 >/dev/null
}

# npm writes node_modules/.package-lock.json last, so it is there only after an installation that ended well.
install_modules() {
	stamp=node_modules/.package-lock.json
	if [ -f "$stamp" ] && [ -z "$(find package-lock.json -newer "$stamp")" ]; then
		return
	fi
	echo 'setup: npm ci'
	npm ci --no-audit --no-fund --loglevel=error
	touch "$stamp"
}

# Node-API: one build serves every newer Node too.
build_native() {
	addon=agent/netlink/native/build/Release/socket_option.node
	if [ -f "$addon" ] && [ -z "$(find agent/netlink/native -maxdepth 1 -type f -newer "$addon")" ]; then
		return
	fi
	echo 'setup: npm run build:native'
	npm run --silent build:native
}

check_node
install_packages
install_modules
build_native
