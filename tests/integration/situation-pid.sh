#!/bin/bash
# A process number that another process has by now, and an init that was killed between create and start: the
# container has stopped, nobody else gets its signals, and it can be deleted.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle c "$(shell_command 'exec sleep 1000')"
# stopped: what every command says of it.
stopped() {
  assert_eq "$1: status" stopped "$(container_status c)"
  assert_eq "$1: pid" 0 "$(container_pid c)"
  assert_eq "$1: in the list" "stopped 0" "$(brig list --format json | jq -r '.[] | "\(.status) \(.pid)"')"
  refuse_within 20 "cannot start a container that has stopped" brig start c
  refuse_within 20 "container not running" brig kill c KILL
  refuse_within 20 "container not running" brig pause c
  refuse_within 20 "cannot exec in a stopped container" brig exec c true
  succeed brig kill --all c KILL
}

# Init is killed between create and start.
succeed brig create --bundle "$BUNDLE" c
kill -KILL "$(container_pid c)"
wait_until has_status c stopped
stopped "killed"
succeed brig delete c
# The same without a pid namespace, where a zombie may keep the number.
edit_config 'del(.linux.namespaces[] | select(.type == "pid"))'
succeed brig create --bundle "$BUNDLE" c
kill -KILL "$(container_pid c)"
wait_until has_status c stopped
stopped "killed without a pid namespace"
succeed brig delete c

# Its number is another process's: of this script's, with the start time of init, or the other way round.
sleep 1001 &
innocent=$!
# What starts now does so some ticks of the clock later, so that start times tell the two apart.
ticks() { awk '{ print $22 }' "/proc/$1/stat"; }
ticks_later() { [ "$(ticks self)" -gt $(($(ticks $innocent) + 2)) ]; }
wait_until ticks_later
for change in ".pid = $innocent" ".pid = $innocent | .startTime -= 1" ".pid = $$"; do
  succeed brig create --bundle "$BUNDLE" c
  init=$(container_pid c)
  jq -c "$change" "$ROOT/c/state.json" >record.new
  cat record.new >"$ROOT/c/state.json"
  kill -KILL "$init"
  wait_until test ! -d "/proc/$init"
  stopped "$change"
  succeed brig delete --force c
  [ "$(awk '{ print $3 }' "/proc/$innocent/stat")" = S ] || fail "$change: another's process was hit"
done
kill $innocent
wait $innocent || true
