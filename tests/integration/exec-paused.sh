#!/bin/bash
# exec --ignore-paused waits in a paused container and runs when it is resumed.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle paused "$(shell_command 'exec sleep 1000')"
start_container paused
succeed brig pause paused
brig exec --ignore-paused paused touch /ran &
exec=$!
has_two_processes() { [ "$(brig ps --format json paused | jq length)" = 2 ]; }
wait_until has_two_processes
[ ! -e "$BUNDLE/rootfs/ran" ] || fail "the program ran in a paused container"
assert_eq "status" paused "$(container_status paused)"
succeed brig resume paused
wait $exec || fail "exec ended with status $?"
[ -e "$BUNDLE/rootfs/ran" ] || fail "the program did not run after resume"
succeed brig delete --force paused
