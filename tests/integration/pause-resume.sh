#!/bin/bash
# `pause` stops all processes, `resume` lets them go on; in between exec, start and the like are refused.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle pause "$(shell_command 'while :; do echo x >>/ticks; sleep 0.02; done')"
succeed brig create --bundle "$BUNDLE" pause
refuse "" brig resume pause
succeed brig start pause
size() { stat -c %s "$BUNDLE/rootfs/ticks" 2>/dev/null || echo 0; }
grew_beyond() { [ "$(size)" -gt "$1" ]; }
wait_until grew_beyond 2
succeed brig pause pause
assert_eq "status" paused "$(container_status pause)"
before=$(size)
assert_eq "status in the list" paused "$(brig list -f json | jq -r '.[0].status')"
refuse "cannot exec in a paused container" brig exec pause true
refuse "paused" brig pause pause
capture brig delete pause
[ $status != 0 ] || fail "a paused container was deleted without --force"
assert_eq "size of the file that the stopped program writes" "$before" "$(size)"

succeed brig resume pause
assert_eq "status" running "$(container_status pause)"
wait_until grew_beyond "$before"
refuse "container not paused" brig resume pause

# A paused container still dies, and can be removed.
succeed brig pause pause
succeed brig kill pause KILL
wait_until has_status pause stopped
refuse "container not running" brig pause pause
succeed brig delete pause
start_container pause
succeed brig pause pause
succeed brig delete --force pause
