#!/bin/bash
# A process that not even SIGKILL ends (state D): each command keeps its deadline and says which process it is;
# nothing is forgotten, so that delete --force removes all of it once the process can end.
DEADLINE=${DEADLINE:-120} # Several deadlines of ten seconds.
. "$(dirname "$0")/lib.sh"
be_able_to_stick

make_bundle c "$(shell_command 'exec sleep 1000')"

# Of a running container, the first process.
start_container c
pid=$(container_pid c)
stick "$pid"
assert_eq "status" running "$(container_status c)"
succeed brig list
succeed brig exec c true
succeed brig kill c TERM
refuse_within 40 "its processes did not stop within 10 seconds; they run again" brig pause c
assert_eq "status" running "$(container_status c)"
succeed brig kill c KILL
refuse_within 20 "cannot delete container c that is not stopped: running" brig delete c
refuse_within 40 "process $pid does not end after SIGKILL (state D); try again" brig delete --force c
assert_eq "status" running "$(container_status c)"
refuse_within 20 "container with given ID already exists: c" brig create --bundle "$BUNDLE" c
unstick
succeed brig delete --force c
assert_eq "cgroups" "" "$(list_cgroups | grep -vx "$stuck" || true)"
succeed brig create --bundle "$BUNDLE" c
succeed brig delete c

# Another one, which does not end with the first.
edit_config 'del(.linux.namespaces[] | select(.type == "pid"))'
edit_config "$(shell_command 'sleep 1001 & echo $! >/other; exec sleep 1000')"
start_container c
wait_until test -s "$BUNDLE/rootfs/other"
stick "$(<"$BUNDLE/rootfs/other")"
refuse_within 40 "1 process(es) are left 10 seconds after they were killed" brig delete --force c
assert_eq "status" stopped "$(container_status c)"
refuse_within 20 "container with given ID already exists: c" brig create --bundle "$BUNDLE" c
# It is not forgotten when the record is damaged either.
cp "$ROOT/c/state.json" record
: >"$ROOT/c/state.json"
refuse_within 40 "1 process(es) are left 10 seconds after they were killed" brig delete --force c
cat record >"$ROOT/c/state.json"
unstick
succeed brig delete --force c
assert_eq "state" "" "$(ls -A "$ROOT")"
