#!/bin/bash
# events --stats prints one JSON line of statistics; without it a line each interval until the end.
. "$(dirname "$0")/lib.sh"
in_pure_v2

make_bundle events "$(shell_command 'exec sleep 1000')"
start_container events
succeed brig events --stats events
assert_eq "lines" 1 "$(grep -c . <<<"$stdout")"
assert_eq "kind and id" "stats events" "$(jq -r '"\(.type) \(.id)"' <<<"$stdout")"
assert_matches "cpu usage" '^[0-9]+$' "$(jq .data.cpu.usage.total <<<"$stdout")"
assert_eq "groups" "cpu,memory,pids,blkio,hugetlb" \
  "$(jq -r '.data | ["cpu", "memory", "pids", "blkio", "hugetlb"] - (["cpu", "memory", "pids", "blkio", "hugetlb"] - keys) | join(",")' <<<"$stdout")"

brig events --interval 20ms events >lines &
watcher=$!
has_three_lines() { [ "$(grep -c '"type":"stats"' lines)" -ge 3 ]; }
wait_until has_three_lines
# It ends with the container.
succeed brig kill events KILL
wait_until has_status events stopped
wait $watcher || fail "events ended with status $?"
jq -es 'all(.type == "stats" and .id == "events")' lines >/dev/null || fail "lines: $(<lines)"
refuse "container not running" brig events --stats events
refuse interval brig events --interval 5x events
refuse interval brig events --interval 0s events
succeed brig delete events
