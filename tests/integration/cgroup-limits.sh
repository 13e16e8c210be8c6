#!/bin/bash
# Limits are written to the container's cgroup, by resources, by unified keys, and by update.
. "$(dirname "$0")/lib.sh"
in_pure_v2
need_controller hugetlb
size=$(find /sys/kernel/mm/hugepages -name 'hugepages-2048kB' | head -n 1)
[ -n "$size" ] || skip "needs huge pages of 2 MiB"

make_bundle limits "$(shell_command 'exec sleep 1000')"
cgroup=/sys/fs/cgroup/$TEST_CGROUP/limits
edit_config '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 8388608}] |
  .linux.resources.unified = {"cgroup.max.depth": "7"}'
succeed brig create --bundle "$BUNDLE" limits
limit=hugetlb.2MB.rsvd.max
[ -e "$cgroup/$limit" ] || limit=hugetlb.2MB.max
assert_eq "$limit" 8388608 "$(<"$cgroup/$limit")"
assert_eq "cgroup.max.depth" 7 "$(<"$cgroup/cgroup.max.depth")"
succeed brig start limits

echo '{"hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}], "unified": {"cgroup.max.depth": "5"}}' >update.json
succeed brig update --resources update.json limits
assert_eq "updated $limit" 4194304 "$(<"$cgroup/$limit")"
assert_eq "updated cgroup.max.depth" 5 "$(<"$cgroup/cgroup.max.depth")"
echo '{"unified": {"cgroup.max.depth": "max"}}' >update.json
brig update --resources - limits <update.json || fail "update from standard input"
assert_eq "updated from standard input" max "$(<"$cgroup/cgroup.max.depth")"
succeed brig delete --force limits

# What cannot be is named.
edit_config 'del(.linux.resources.hugepageLimits) | .linux.resources.unified = {"../cgroup.procs": "0"}'
refuse linux.resources.unified brig create --bundle "$BUNDLE" limits
edit_config '.linux.resources.unified = {"nosuch.max": "5"}'
refuse nosuch brig create --bundle "$BUNDLE" limits
edit_config 'del(.linux.resources.unified) | .linux.resources.hugepageLimits = [{pageSize: "3MB", limit: 1}]'
refuse 'linux.resources.hugepageLimits[0]' brig create --bundle "$BUNDLE" limits
assert_contains error 3MB "$stderr"
