#!/bin/bash
# A hook or a container's process that not even SIGKILL ends (state D) in a create that fails: it keeps its
# deadline, and tells what is left and how it goes.
DEADLINE=${DEADLINE:-120} # Several deadlines of ten seconds.
. "$(dirname "$0")/lib.sh"
be_able_to_stick

make_bundle c "$(shell_command 'exec sleep 1000')"
cp "$BUNDLE/config.json" original.json

# A hook: its timeout holds.
edit_config '.hooks.createRuntime = [{path: "/bin/sh", timeout: 1, args: ["sh", "-c",
  "echo $$ >\($folder)/cgroup.procs; echo FROZEN >\($folder)/freezer.state"]}]' --arg folder "$stuck"
refuse_within 40 "hook ran past specified timeout of 1.0s, and process" brig create --bundle "$BUNDLE" c
assert_contains "error" "does not end after SIGKILL" "$stderr"
assert_eq "state" "" "$(ls -A "$ROOT")"
unstick
wait_until no_processes

# The container's process, in a create that fails: what is left of it is told, and can be deleted later.
cp original.json "$BUNDLE/config.json"
edit_config '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "pid=$(sed \"s/.*\\\"pid\\\": *\\([0-9]*\\).*/\\1/\");
  echo $pid >\($folder)/cgroup.procs; echo FROZEN >\($folder)/freezer.state; exit 3"]}]' --arg folder "$stuck"
start=$SECONDS
capture brig create --bundle "$BUNDLE" c
assert_status 1
[ $((SECONDS - start)) -le 30 ] || fail "it took $((SECONDS - start)) s"
assert_matches "warning" "undo of create: process [0-9]+ does not end after SIGKILL: remove the rest later, with brig delete --force c" "$stderr"
assert_contains "error" "hooks.createRuntime[0] (/bin/sh): error running createRuntime hook #0: exit status 3" "$stderr"
refuse_within 20 "container with given ID already exists: c" brig create --bundle "$BUNDLE" c
refuse_within 40 "does not end after SIGKILL" brig delete --force c
unstick
succeed brig delete --force c
assert_eq "state" "" "$(ls -A "$ROOT")"
assert_eq "cgroups" "" "$(list_cgroups | grep -vx "$stuck" || true)"
cp original.json "$BUNDLE/config.json"
succeed brig create --bundle "$BUNDLE" c
succeed brig delete c
