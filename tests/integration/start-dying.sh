#!/bin/bash
# start ends when the container's process does, also where the fifo between them does not tell.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle dying "$(shell_command 'exec sleep 1000')"
succeed brig create --bundle "$BUNDLE" dying
pid=$(container_pid dying)
kill -STOP "$pid"
# As when init has just closed its end of the one, but not yet of the other.
rm "$ROOT/dying/started.fifo"
mkfifo "$ROOT/dying/started.fifo"
"$RUNTIME" --root "$ROOT" start dying 2>error &
start=$!
is_told() { [ "$(awk '{ print $3 }' "/proc/$start/stat")" = S ] && [ -n "$(find "/proc/$start/fd" -lname '*/start.fifo' 2>/dev/null)" ]; }
wait_until is_told
kill -KILL "$pid"
code=0
wait $start || code=$?
assert_eq status 1 $code
assert_contains error "killed before it could execute its program" "$(<error)"
succeed brig delete dying
