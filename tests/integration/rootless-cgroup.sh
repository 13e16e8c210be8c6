#!/bin/bash
# A user's cgroup is below what was delegated to him. Where nothing was, a container that asks for no
# cgroup has none, and one that asks for one gets an error with the remedy.
. "$(dirname "$0")/lib.sh"
be_user single

make_user_bundle group "$(shell_command 'exec sleep 1000')"
edit_config '.linux.resources.pids.limit = 50'
refuse "permission denied: a user may only make cgroups below one that was delegated to him" \
  brig create --bundle "$BUNDLE" group
assert_contains remedy "systemd-run --user --scope -p Delegate=yes" "$stderr"
edit_config 'del(.linux.resources) | .linux.cgroupsPath = $path' --arg path "/$TEST_CGROUP-none/group"
refuse "permission denied: a user may only make cgroups" brig create --bundle "$BUNDLE" group
edit_config 'del(.linux.cgroupsPath) | .linux.resources.devices = [{allow: false, access: "rwm"}]'
# runc's option: a user who wants to be told.
refuse "permission denied: a user may only make cgroups" brig --rootless=false create --bundle "$BUNDLE" group
start_container group
assert_eq "cgroup" "$(grep ^0: /proc/self/cgroup)" "$(grep ^0: "/proc/$(container_pid group)/cgroup")"
succeed brig delete --force group
# Root is not tolerant by itself: his containers have a cgroup or do not start.
succeed brig --cgroup-manager=disabled run --bundle "$BUNDLE" --detach group
succeed brig delete --force group

be_delegated
start_container group
assert_eq "cgroup" "0::/$TEST_CGROUP/group" "$(grep ^0: "/proc/$(container_pid group)/cgroup")"
assert_eq "owner" $USER_ID "$(stat -c %u "$delegated/group")"
succeed brig exec group true
succeed brig exec --detach group sleep 1000
succeed brig ps --format json group
assert_eq "processes" 2 "$(jq length <<<"$stdout")"
succeed brig pause group
assert_eq status paused "$(container_status group)"
succeed brig resume group
succeed brig kill group KILL
wait_until has_status group stopped
succeed brig delete group
[ ! -e "$delegated/group" ] || fail "the cgroup is still there"
