#!/bin/bash
# delete --force removes a container in any state, and all that it had; delete only one that may go.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle force "$(shell_command 'trap "" TERM; sleep 1001 & sleep 1002')"
# created: a container that never ran can go without force.
succeed brig create --bundle "$BUNDLE" force
pid=$(container_pid force)
succeed brig delete force
[ ! -d "/proc/$pid" ] || wait_until no_processes
assert_eq "state" "" "$(ls -A "$ROOT")"

start_container force
refuse "cannot delete container force that is not stopped: running" brig delete force
succeed brig delete --force force
no_processes || fail "left: $(<"$WORK/processes")"
assert_eq "state" "" "$(ls -A "$ROOT")"
assert_eq "cgroups" "" "$(list_cgroups)"
succeed brig delete -f force

# Several by an expression.
for id in web-1 web-2 db-1; do
  edit_config '.linux.cgroupsPath = $path' --arg path "/$TEST_CGROUP/$id"
  succeed brig create --bundle "$BUNDLE" $id
done
succeed brig delete --force --regex '^web-'
assert_eq "what is left" db-1 "$(brig list -q)"
succeed brig kill --regex '^d.-1$' KILL
wait_until has_status db-1 stopped
succeed brig delete db-1
