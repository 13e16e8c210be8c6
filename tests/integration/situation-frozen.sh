#!/bin/bash
# A container that stands still, paused by brig or frozen behind its back: nothing waits for it without an end, and
# it can be killed and deleted in every phase.
. "$(dirname "$0")/lib.sh"
in_pure_v2

make_bundle c "$(shell_command 'exec sleep 1000')"
cp "$BUNDLE/config.json" original.json
cgroup=/sys/fs/cgroup/$TEST_CGROUP/c

# Paused before it was started.
succeed brig create --bundle "$BUNDLE" c
succeed brig pause c
assert_eq "status" paused "$(container_status c)"
refuse_within 20 "cannot start a paused container: resume it first" brig start c
refuse_within 20 "container paused already" brig pause c
refuse_within 20 "cannot exec in a paused container" brig exec c true
refuse_within 20 "cannot delete container c that is not stopped: paused" brig delete c
succeed brig resume c
assert_eq "status" created "$(container_status c)"
succeed brig start c
succeed brig pause c
succeed brig kill c KILL
wait_until has_status c stopped
succeed brig delete c
for phase in created running; do
  succeed brig create --bundle "$BUNDLE" c
  [ $phase = created ] || succeed brig start c
  succeed brig pause c
  succeed brig delete --force c
  assert_eq "$phase: state" "" "$(ls -A "$ROOT")"
  no_processes || fail "$phase: left: $(<"$WORK/processes")"
done

# A foreground exec that waits for the resume ends with a signal; the container stays as it is.
start_container c
succeed brig pause c
for signal in INT TERM HUP QUIT; do
  "$RUNTIME" --root "$ROOT" exec --ignore-paused c touch /ran >out 2>err </dev/null &
  exec=$!
  has_processes() { [ "$(brig ps --format json c | jq length)" = "$1" ]; }
  wait_until has_processes 2
  # The shell that starts it makes it ignore SIGINT and SIGQUIT, as every job in the background.
  if [ $signal = INT ] || [ $signal = QUIT ]; then
    kill -$signal $exec
    kill -TERM $exec
    signal=TERM
  else
    kill -$signal $exec
  fi
  code=0
  wait $exec || code=$?
  assert_eq "$signal: status of exec" 255 "$code"
  assert_contains "$signal: error" "interrupted by signal SIG$signal before the container's program was executed" "$(<err)"
  assert_eq "$signal: lines" 1 "$(wc -l <err)"
  wait_until has_processes 1
done
assert_eq "status" paused "$(container_status c)"
[ ! -e "$BUNDLE/rootfs/ran" ] || fail "the program ran"
succeed brig delete --force c

# Frozen while `start` waits for it: there is no deadline for startContainer hooks, but kill and delete help.
edit_config '.hooks.startContainer = [{path: "/bin/sh", args: ["sh", "-c", "echo >/in-hook; exec sleep 1000"]}]'
for way in kill delete; do
  rm -f "$BUNDLE/rootfs/in-hook"
  succeed brig create --bundle "$BUNDLE" c
  "$RUNTIME" --root "$ROOT" start c >out 2>err </dev/null &
  start=$!
  wait_until test -e "$BUNDLE/rootfs/in-hook"
  echo 1 >"$cgroup/cgroup.freeze"
  wait_until has_status c paused
  if [ $way = kill ]; then succeed brig kill c KILL; else succeed brig delete --force c; fi
  code=0
  wait $start || code=$?
  assert_eq "$way: status of start" 1 "$code"
  assert_contains "$way: error of start" "the container's process was killed before it could execute its program" "$(<err)"
  assert_eq "$way: lines" 1 "$(wc -l <err)"
  succeed brig delete --force c
  assert_eq "$way: state" "" "$(ls -A "$ROOT")"
done
