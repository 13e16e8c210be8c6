#!/bin/bash
# A foreground run passes the signals it gets to the container's process, and ends with its status.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle signals "$(shell_command '
  for s in HUP INT USR1 USR2 WINCH; do trap "echo $s >>/signals" $s; done
  trap "echo TERM >>/signals; exit 42" TERM
  touch /ready
  while :; do sleep 1000 & wait; kill $!; done')"
got() { [ "$(tail -n 1 "$BUNDLE/rootfs/signals" 2>/dev/null)" = "$1" ]; }
"$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" signals >"$WORK/out" 2>&1 </dev/null &
run=$!
wait_until test -e "$BUNDLE/rootfs/ready"
for name in HUP USR1 USR2 TERM; do
  kill -$name $run
  wait_until got $name
done
code=0
wait $run || code=$?
assert_eq "status of run" 42 "$code"
assert_eq "output" "" "$(<out)"
assert_eq "signals" "HUP USR1 USR2 TERM" "$(xargs <"$BUNDLE/rootfs/signals")"

# exec alike, for its own process.
rm "$BUNDLE/rootfs/ready" "$BUNDLE/rootfs/signals"
edit_config '.process.args as $args | .annotations.script = $args[2]'
script=$(jq -r .annotations.script "$BUNDLE/config.json")
edit_config "$(shell_command 'exec sleep 1000')"
start_container signals
"$RUNTIME" --root "$ROOT" exec signals sh -c "$script" >"$WORK/out" 2>&1 </dev/null &
exec=$!
wait_until test -e "$BUNDLE/rootfs/ready"
kill -TERM $exec
code=0
wait $exec || code=$?
assert_eq "status of exec" 42 "$code"
assert_eq "status of the container" running "$(container_status signals)"
succeed brig delete --force signals
