#!/bin/bash
# --cgroup-manager=disabled makes no cgroup; the container is in the caller's, and goes as any other.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle none "$(shell_command 'sleep 1001 & exec sleep 1002')"
edit_config 'del(.linux.cgroupsPath, .linux.resources)'
succeed brig --cgroup-manager disabled create --bundle "$BUNDLE" none
succeed brig --cgroup-manager=disabled start none
assert_eq "cgroup" "$(grep ^0: /proc/self/cgroup)" "$(grep ^0: "/proc/$(container_pid none)/cgroup")"
assert_eq "cgroups" "" "$(list_cgroups)"
succeed brig exec none grep ^0: /proc/self/cgroup
for action in "pause none" "update --memory 1m none" "events --stats none"; do
  # shellcheck disable=SC2086 # words
  refuse "cgroup-manager=disabled, or by a user who may make none" brig $action
done
assert_eq "status" running "$(container_status none)"
succeed brig delete --force none
no_processes || fail "left: $(<"$WORK/processes")"
refuse cgroup-manager brig --cgroup-manager nosuch list
