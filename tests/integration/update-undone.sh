#!/bin/bash
# An update that fails half-way takes back what it had changed.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle undone "$(shell_command 'exec sleep 1000')"
edit_config '.linux.resources.unified = {"cgroup.max.depth": "3", "cgroup.max.descendants": "5"}'
start_container undone
folder=$(list_cgroups | tail -n 1)
limits() { paste -d ' ' "$folder/cgroup.max.depth" "$folder/cgroup.max.descendants"; }
assert_eq "limits of the configuration" "3 5" "$(limits)"

echo '{"unified": {"cgroup.max.depth": "6", "cgroup.max.descendants": "many"}}' >bad.json
refuse 'to cgroup.max.descendants: invalid argument' brig update --resources bad.json undone
assert_eq "limits after the failure" "3 5" "$(limits)"

echo '{"unified": {"cgroup.max.depth": "6", "cgroup.max.descendants": "max"}}' >good.json
succeed brig update --resources good.json undone
assert_eq "limits after the update" "6 max" "$(limits)"
succeed brig delete --force undone
