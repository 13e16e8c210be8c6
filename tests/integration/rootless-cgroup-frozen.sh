#!/bin/bash
# A user's exec enters the container's cgroup with a helper process first. Frozen there, that one is waited for
# no longer than any other, and while `exec --ignore-paused` waits for it, a signal ends the wait.
. "$(dirname "$0")/lib.sh"
be_user single
be_delegated

user mkdir "$delegated/above"
make_user_bundle c "$(shell_command 'exec sleep 1000')"
edit_config '.linux.cgroupsPath = $path' --arg path "/$TEST_CGROUP/above/c"
start_container c
echo 1 >"$delegated/above/cgroup.freeze"
wait_until grep -q "frozen 1" "$delegated/above/c/cgroup.events"
has_processes() { [ "$(wc -l <"$delegated/above/c/cgroup.procs")" = "$1" ]; }

"${as_user[@]}" "$RUNTIME" --root "$ROOT" exec --ignore-paused c touch /ran >out 2>err </dev/null &
exec=$!
wait_until has_processes 2
kill -TERM $exec
code=0
wait $exec || code=$?
assert_eq "status" 255 "$code"
assert_contains "error" "interrupted by signal SIGTERM before the container's program was executed" "$(<err)"
wait_until has_processes 1

refuse_within 40 "cannot exec in a paused container (use --ignore-paused to override): the cgroup $delegated/above has been frozen for 10 seconds" \
  brig exec c touch /ran
wait_until has_processes 1

"${as_user[@]}" "$RUNTIME" --root "$ROOT" exec --ignore-paused c touch /late >out 2>err </dev/null &
exec=$!
wait_until has_processes 2
echo 0 >"$delegated/above/cgroup.freeze"
wait $exec || fail "exec --ignore-paused ended with status $?: $(<err)"
[ -e "$BUNDLE/rootfs/late" ] || fail "the program did not run"
[ ! -e "$BUNDLE/rootfs/ran" ] || fail "a program ran that was given up"
succeed brig delete --force c
rmdir "$delegated/above"
