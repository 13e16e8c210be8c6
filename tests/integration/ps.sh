#!/bin/bash
# `ps` shows the container's processes and no others, by their pids outside.
. "$(dirname "$0")/lib.sh"
need_root
need_command ps

make_bundle ps "$(shell_command 'sleep 1001 & sleep 1002 & wait')"
start_container ps
processes() { brig ps --format json ps | jq length; }
has_processes() { [ "$(processes)" = "$1" ]; }
wait_until has_processes 3
succeed brig ps -f json ps
assert_eq "names of the pids" "sh sleep sleep" "$(jq '.[]' <<<"$stdout" | while read -r pid; do cat "/proc/$pid/comm"; done | sort | xargs)"
assert_eq "pids in order" "$stdout" "$(jq -c sort <<<"$stdout")"
succeed brig exec --detach ps sleep 1003
wait_until has_processes 4

succeed brig ps ps
assert_matches header "UID +PID +PPID" "$(head -n 1 <<<"$stdout")"
assert_eq "lines" 5 "$(wc -l <<<"$stdout")"
assert_eq "programs" 3 "$(grep -c 'sleep 100[123]$' <<<"$stdout")"
succeed brig ps ps -o pid,args
assert_matches "other columns" '^ *PID COMMAND' "$stdout"
assert_contains "process" "sleep 1003" "$stdout"
succeed brig kill ps KILL
wait_until has_status ps stopped
capture brig ps --format json ps
assert_eq "processes of a stopped container" "" "$(jq '.[]?' <<<"$stdout")"
succeed brig delete ps
