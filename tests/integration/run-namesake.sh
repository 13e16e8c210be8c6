#!/bin/bash
# `run` removes its own container at its end, not another one that has been made with its id meanwhile.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle same "$(shell_command 'exec sleep 1000')"
"$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" same &
run=$!
wait_until has_status same running
# It cannot hear of the end before it goes on.
kill -STOP $run
pid=$(container_pid same)
kill -KILL "$pid"
wait_until has_status same stopped
succeed brig delete same
start_container same
kill -CONT $run
code=0
wait $run || code=$?
assert_eq "status of run" 137 $code
assert_eq "status of the other" running "$(container_status same)"
succeed brig delete --force same
