#!/bin/bash
# Commands that race for one container: delete against start, exec against its end, creates of one id, deletes of one
# container, kill against everything. Each has one of the answers that make sense, and nothing is left.
DEADLINE=${DEADLINE:-120}
. "$(dirname "$0")/lib.sh"
need_root

make_bundle c "$(shell_command 'exec sleep 1000')"
runtime=("$RUNTIME" --root "$ROOT")
# race NAME COMMAND...: runs it in the background; its results are in the files NAME.out and NAME.err, its process in pid_NAME.
race() {
  "${runtime[@]}" "${@:2}" >"$1.out" 2>"$1.err" </dev/null &
  printf -v "pid_$1" %s $!
}
# ends NAME PATTERN...: with status 0, or with another one and one line that matches one of the PATTERNs.
ends() {
  local name=$1 code=0 pid=pid_$1 pattern
  wait "${!pid}" || code=$?
  [ $code != 0 ] || return 0
  [ $code -lt 128 ] || [ $code = 255 ] || [[ " ${*:2} " == *" status:$code "* ]] || fail "round $round: $name ended with status $code: $(<"$name.err")"
  [[ " ${*:2} " != *" status:$code "* ]] || return 0
  assert_eq "round $round: lines of $name" 1 "$(grep -c '' "$name.err")"
  for pattern in "${@:2}"; do
    if grep -qE "$pattern" "$name.err"; then return 0; fi
  done
  fail "round $round: $name: $(<"$name.err")"
}
nothing_left() {
  succeed brig delete --force c
  assert_eq "round $round: state" "" "$(ls -A "$ROOT")"
  assert_eq "round $round: cgroups" "" "$(list_cgroups)"
  no_processes || wait_until no_processes
}
gone='container does not exist: c'

for ((round = 0; round < 15; round++)); do
  # delete --force, and delete, against start. A container that can only be deleted while it does not run either ran or is gone.
  succeed brig create --bundle "$BUNDLE" c
  race start start c
  if ((round % 2)); then race delete delete --force c; else race delete delete c; fi
  ends start "$gone" "cannot start a container that has stopped" "killed before it could execute its program"
  ends delete "$gone" "cannot delete container c that is not stopped: running"
  nothing_left

  # Three deletes of one container: with --force each works.
  start_container c
  for name in a b c; do race $name delete --force c; done
  for name in a b c; do ends $name none; done
  [ ! -e "$ROOT/c" ] || fail "round $round: it is still there"
  nothing_left

  # Creates of one id: one works.
  for name in a b c; do race $name create --bundle "$BUNDLE" c; done
  made=0
  for name in a b c; do
    ends $name "container with given ID already exists: c"
    [ -s $name.err ] || made=$((made + 1))
  done
  assert_eq "round $round: made" 1 $made
  assert_eq "round $round: status" created "$(container_status c)"

  # And against a delete.
  race delete delete --force c
  race create create --bundle "$BUNDLE" c
  ends delete none
  ends create "container with given ID already exists: c" "container's cgroup is not empty"
  nothing_left

  # create against kill and delete --force.
  race create create --bundle "$BUNDLE" c
  race kill kill c KILL
  race delete delete --force c
  ends create "killed by signal 9 during set-up"
  ends kill "$gone" "container not running"
  ends delete none
  nothing_left

  # exec against the end of the container.
  start_container c
  race a exec c true
  race b exec c sleep 1001
  race kill kill c KILL
  race c exec --detach c sleep 1001
  for name in a b c; do ends $name "cannot exec in a stopped container" status:137; done
  ends kill "container not running"
  wait_until has_status c stopped
  succeed brig delete c
  nothing_left

  # pause, resume and update against the end.
  start_container c
  race a pause c
  race b resume c
  race delete delete --force c
  ends a "$gone" "container not running"
  ends b "$gone" "container not paused"
  ends delete none
  nothing_left
done
