# shellcheck shell=sh
# Functions of the other scripts, which read this file with `.`: they show what takes long.

# with_progress WHAT LOG COMMAND…: runs the command, with what it prints in LOG, and says that it runs and since when. On a terminal
# that is one line, renewed each second, with the newest line of LOG; elsewhere a line every 10 s. Answers the command's status.
# The command runs in the foreground, so that Ctrl-C reaches it as it reaches any other.
with_progress() {
	progress_what=$1
	progress_log=$2
	shift 2
	: >"$progress_log"
	show_progress "$progress_what" "$progress_log" $$ 9>&- &
	progress_pid=$!
	progress_status=0
	# A service that a package starts must not keep a lock of ours.
	"$@" >"$progress_log" 2>&1 </dev/null 9>&- || progress_status=$?
	stop_progress
	return "$progress_status"
}

# Ends the line of progress, if there is one. For traps, too.
stop_progress() {
	[ -n "${progress_pid:-}" ] || return 0
	kill "$progress_pid" 2>/dev/null || true
	wait "$progress_pid" 2>/dev/null || true
	progress_pid=
	[ ! -t 1 ] || printf '\r\033[K'
}

# show_progress WHAT LOG PARENT: until it is killed, or PARENT is gone.
show_progress() {
	shown_seconds=0
	while kill -0 "$3" 2>/dev/null; do
		sleep 1 >/dev/null 2>&1
		shown_seconds=$((shown_seconds + 1))
		if [ -t 1 ]; then
			printf '\r\033[K  … %s (%s s) %s' "$1" "$shown_seconds" "$(newest_line "$2" $((${COLUMNS:-80} - ${#1} - 16)))"
		elif [ $((shown_seconds % 10)) -eq 0 ]; then
			echo "  … still $1 ($shown_seconds s) $(newest_line "$2" 60)"
		fi
	done
}

# newest_line FILE WIDTH: the last words that a program wrote, without what only a terminal understands.
newest_line() {
	[ "$2" -gt 0 ] || return 0
	tail -c 2000 "$1" 2>/dev/null | tr '\r' '\n' | LC_ALL=C tr -cd '\12\40-\176' | grep -v '^ *$' | tail -n 1 | cut -c "1-$2"
}
