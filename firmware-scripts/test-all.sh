#!/bin/sh
# Everything that `npm test` runs after the set-up. The last line is `N passed, N failed`:
# AVA's tests, and each of the other steps as one. The exit status is 0 only if nothing failed.
set -u

# Short forms of these scenarios of the lab; the long ones stay commands: npm run lab -- NAME
scenarios='exact cutoff crash walled announced zero-rated wallet group terms shop vouchers displays tether spoof tether-detect policy offline roaming sync'
scenario_timeout_seconds=150
# The machine has no help of the processor: it boots and works some twenty times slower.
machine_timeout_seconds=400

cd "$(dirname "$0")/.." || exit 1

# npm puts the programs of packages first, and one of them is called nft too. Ours are named by their path instead.
PATH=$(printf '%s' "$PATH" | tr ':' '\n' | grep -v '/node_modules/\.bin$' | paste -s -d : -):/usr/sbin:/sbin
programs=node_modules/.bin

passed=0
failed=0
skipped=0
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

finish() {
	[ "$skipped" -eq 0 ] || echo "$skipped skipped: this machine cannot run them (see above)"
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

shell_scripts() {
	git ls-files '*.sh' '.ci/run' 2>/dev/null | grep . || find firmware-scripts test openwrt -name '*.sh'
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

step build npm run --silent build || finish
step biome "$programs/biome" check --error-on-warnings .
step knip "$programs/knip"
# shellcheck disable=SC2046 # file names of ours, without spaces
step shellcheck shellcheck $(shell_scripts)
unit_tests
for scenario in $scenarios; do
	step "lab $scenario --short" timeout --signal=INT --kill-after=20 "$scenario_timeout_seconds" \
		node build/test/lab/main.js "$scenario" --short
done
# What this kernel may lack: radios, and the queue that nftables has itself.
if command -v qemu-system-x86_64 >/dev/null; then
	step 'vm queue --short' timeout --signal=INT --kill-after=20 "$machine_timeout_seconds" \
		node build/test/vm/main.js queue --short
else
	skipped=$((skipped + 1))
	echo 'SKIPPED vm queue --short: there is no qemu-system-x86_64; npm run setup installs it'
fi
# As a newcomer starts it: npm puts its own folders into PATH.
step demo timeout --signal=INT --kill-after=20 "$scenario_timeout_seconds" npm run --silent demo -- --seconds 10
finish
