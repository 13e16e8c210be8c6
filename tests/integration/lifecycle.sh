#!/bin/bash
# create, start, kill, delete move a container through the states of runtime.md, and `state` says so.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle life "$(shell_command 'touch /started; exec sleep 1000')"
edit_config '.annotations = {"org.example.key": "value"}'
succeed brig create --bundle "$BUNDLE" life

succeed brig state life
assert_eq id life "$(jq -r .id <<<"$stdout")"
assert_eq "status after create" created "$(jq -r .status <<<"$stdout")"
assert_eq bundle "$BUNDLE" "$(jq -r .bundle <<<"$stdout")"
assert_eq rootfs "$BUNDLE/rootfs" "$(jq -r .rootfs <<<"$stdout")"
assert_eq annotations '{"org.example.key":"value"}' "$(jq -c .annotations <<<"$stdout")"
assert_matches ociVersion '^1\.[0-9]+\.[0-9]+' "$(jq -r .ociVersion <<<"$stdout")"
assert_matches created '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.?[0-9]*Z$' "$(jq -r .created <<<"$stdout")"
pid=$(jq .pid <<<"$stdout")
[ -d "/proc/$pid" ] || fail "state names pid $pid, which does not exist"
[ ! -e "$BUNDLE/rootfs/started" ] || fail "the program ran before start"

# An id names one container.
capture brig create --bundle "$BUNDLE" life
[ $status != 0 ] || fail "a second container with the same id was created"
assert_contains "error of the second create" "container with given ID already exists" "$stderr"
assert_eq "status after the refused create" created "$(container_status life)"

succeed brig start life
assert_eq "status after start" running "$(container_status life)"
assert_eq "pid after start" "$pid" "$(container_pid life)"
wait_until test -e "$BUNDLE/rootfs/started"

capture brig start life
[ $status != 0 ] || fail "a running container was started again"
capture brig delete life
[ $status != 0 ] || fail "a running container was deleted without --force"
assert_eq "status after the refused delete" running "$(container_status life)"

succeed brig kill life KILL
wait_until has_status life stopped
assert_eq "pid when stopped" 0 "$(brig state life | jq '.pid // 0')"
capture brig start life
[ $status != 0 ] || fail "a stopped container was started"

succeed brig delete life
capture brig state life
[ $status != 0 ] || fail "a deleted container still has a state"
assert_contains "error of state" "does not exist" "$stderr"
capture brig delete life
[ $status != 0 ] || fail "a container was deleted twice"
assert_contains "error of delete" "does not exist" "$stderr"
succeed brig delete --force life
