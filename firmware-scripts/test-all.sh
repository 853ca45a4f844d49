#!/bin/sh
# Everything that `npm test` runs after the set-up. The last line is `N passed, N failed`:
# AVA's tests, and each of the other steps as one. The exit status is 0 only if nothing failed.
set -u

# Short forms of these scenarios of the lab and of the virtual machine; the long ones stay commands: npm run lab -- NAME
# They count, and wait for most of their time; nothing in them is bounded that depends on how fast or how busy the machine is, so
# they run beside each other. Each lane takes the next one of the list: the longest stand first.
scenarios='vm:queue lab:impostor lab:names lab:crowd-out lab:displays lab:tether lab:cutoff lab:wallet lab:group lab:crash lab:faults lab:sync lab:offline lab:terms
	lab:tether-detect lab:portal lab:roaming lab:zero-rated lab:vouchers lab:policy lab:spoof lab:walled lab:turns lab:uplink-explained
	lab:shop lab:rogue lab:exact lab:announced lab:clock lab:input lab:why lab:addresses'
# For each processor: they sleep more than they work.
lanes_each=2
lanes_max=8
# Only what hangs takes so long. The virtual machine has no help of the processor: it boots and works some twenty times slower.
scenario_timeout_seconds=1800
demo_timeout_seconds=600

cd "$(dirname "$0")/.." || exit 1

# npm puts the programs of packages first, and one of them is called nft too. Ours are named by their path instead.
PATH=$(printf '%s' "$PATH" | tr ':' '\n' | grep -v '/node_modules/\.bin$' | paste -s -d : -):/usr/sbin:/sbin
programs=node_modules/.bin

began=$(date +%s)
passed=0
failed=0
skipped=0
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
# What runs cleans up after itself when it is told to end.
# shellcheck disable=SC2317 # called by the trap
stop() {
	touch "$scratch/stopped"
	for pid_file in "$scratch"/*.pid; do
		[ ! -f "$pid_file" ] || kill -INT "$(cat "$pid_file")" 2>/dev/null
	done
	wait
	exit 130
}
trap stop INT TERM

finish() {
	[ "$skipped" -eq 0 ] || echo "$skipped skipped: this machine cannot run them (see above)"
	echo "it took $(($(date +%s) - began)) s"
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
	exit
}

# step NAME COMMAND…: one test; its output is shown as it comes.
step() {
	name=$1
	shift
	start=$(date +%s)
	if "$@"; then
		passed=$((passed + 1))
		echo "ok      $name ($(($(date +%s) - start)) s)"
	else
		failed=$((failed + 1))
		echo "FAILED  $name ($(($(date +%s) - start)) s): $*"
		return 1
	fi
}

# lane KIND:NAME…: of these scenarios those that no other lane has taken, one after the other; what each says comes in one piece,
# and its exit status is kept for `tally`.
lane() {
	for one in "$@"; do
		[ ! -e "$scratch/stopped" ] || return 0
		mkdir "$scratch/$one.taken" 2>/dev/null || continue
		kind=${one%%:*}
		name=${one#*:}
		if [ "$kind" = vm ] && ! command -v qemu-system-x86_64 >/dev/null; then
			echo skipped >"$scratch/$one.status"
			continue
		fi
		start=$(date +%s)
		timeout --signal=INT --kill-after=20 "$scenario_timeout_seconds" node "build/test/$kind/main.js" "$name" --short \
			>"$scratch/$one.out" 2>&1 &
		echo $! >"$scratch/$one.pid"
		wait $!
		status=$?
		rm "$scratch/$one.pid"
		verdict='ok     '
		[ "$status" -eq 0 ] || verdict='FAILED '
		{
			cat "$scratch/$one.out"
			echo "$verdict $kind $name --short ($(($(date +%s) - start)) s)"
		} >"$scratch/$one.said"
		cat "$scratch/$one.said"
		echo "$status" >"$scratch/$one.status"
	done
}

# tally KIND:NAME: counts it.
tally() {
	case $(cat "$scratch/$1.status" 2>/dev/null) in
		0) passed=$((passed + 1)) ;;
		skipped)
			skipped=$((skipped + 1))
			echo "SKIPPED $1: there is no qemu-system-x86_64; npm run setup installs it"
			;;
		*)
			failed=$((failed + 1))
			echo "FAILED  $1: see above"
			;;
	esac
}

shell_scripts() {
	git ls-files '*.sh' '.ci/run' 2>/dev/null | grep . || find firmware-scripts test -name '*.sh'
}

# `# pass N` of AVA's TAP; 0 when there is no such line.
tap_count() {
	count=$(sed -n "s/^# $1 \([0-9]*\).*/\1/p" "$scratch/tap" | tail -n 1)
	echo "${count:-0}"
}

# AVA's own exit status counts too: a file that does not load has no test that fails.
unit_tests() {
	start=$(date +%s)
	"$programs/ava" --tap >"$scratch/tap" 2>"$scratch/ava-errors"
	status=$?
	# Only what is not `ok`, with its explanation.
	awk '/^ok /{shown=0} /^not ok /{shown=1} / # SKIP/{shown=1} shown{print}' "$scratch/tap"
	cat "$scratch/ava-errors" >&2
	ava_failed=$(tap_count fail)
	skipped=$((skipped + $(tap_count skip)))
	passed=$((passed + $(tap_count pass)))
	if [ "$status" -ne 0 ] && [ "$ava_failed" -eq 0 ]; then
		ava_failed=1
		tail -n 20 "$scratch/tap"
	fi
	failed=$((failed + ava_failed))
	echo "ava: $(tap_count pass) passed, $ava_failed failed, $(tap_count skip) skipped ($(($(date +%s) - start)) s)"
}

# What was compiled of files that are gone would be tested, too.
rm -rf build/agent build/carrier build/protocol build/test build/ui build/tsconfig.tsbuildinfo
step build npm run --silent build || finish
step biome "$programs/biome" check --error-on-warnings .
step knip "$programs/knip"
# shellcheck disable=SC2046 # file names of ours, without spaces
step shellcheck shellcheck $(shell_scripts)
unit_tests
lanes=$(($(nproc) * lanes_each))
[ "$lanes" -le "$lanes_max" ] || lanes=$lanes_max
while [ "$lanes" -gt 0 ]; do
	# shellcheck disable=SC2086 # a list of words
	lane $scenarios &
	lanes=$((lanes - 1))
done
wait
for one in $scenarios; do tally "$one"; done
# As a newcomer starts it: npm puts its own folders into PATH.
step demo timeout --signal=INT --kill-after=20 "$demo_timeout_seconds" npm run --silent demo -- --seconds 10
finish
