#!/bin/bash
# --pidfd-socket gets a pidfd of the container's process, or of exec's.
. "$(dirname "$0")/lib.sh"
need_root
need_helper receive-fd

# listen: what is sent to $WORK/socket will be in $WORK/received.
listen() {
  rm -f socket
  "$helper" "$WORK/socket" >received </dev/null &
  receiver=$!
  wait_until test -S socket
}
make_bundle pidfd "$(shell_command 'exec sleep 1000')"
listen
succeed brig create --pidfd-socket "$WORK/socket" --bundle "$BUNDLE" pidfd
wait $receiver || fail "the receiver ended with status $?"
assert_eq "create" "pidfd $(container_pid pidfd)" "$(<received)"
succeed brig start pidfd
listen
succeed brig exec --detach --pid-file "$WORK/pid" --pidfd-socket "$WORK/socket" pidfd sleep 1000
wait $receiver || fail "the receiver ended with status $?"
assert_eq "exec" "pidfd $(<pid)" "$(<received)"
succeed brig delete --force pidfd
refuse "$WORK/nosuch" brig create --pidfd-socket "$WORK/nosuch" --bundle "$BUNDLE" pidfd
assert_eq "state" "" "$(ls -A "$ROOT")"
