#!/bin/bash
# A limit whose controller cgroup v2 does not have here is an error that says which and what to do.
. "$(dirname "$0")/lib.sh"
need_root

unified=/sys/fs/cgroup
[ -e $unified/cgroup.controllers ] || unified=/sys/fs/cgroup/unified
[ -e $unified/cgroup.controllers ] || skip "needs a cgroup v2 mount"
tried=0
make_bundle limits "$(shell_command 'exec sleep 1000')"
cp "$BUNDLE/config.json" original.json
while read -r controller filter; do
  if grep -qw "$controller" $unified/cgroup.controllers; then continue; fi
  tried=$((tried + 1))
  cp original.json "$BUNDLE/config.json"
  edit_config ".linux.resources += $filter"
  refuse "$controller" brig create --bundle "$BUNDLE" limits
  assert_contains "error" linux.resources "$stderr"
  if grep -q "^${controller}[[:space:]]*[1-9]" /proc/cgroups; then
    assert_matches "what to do" 'v1|unified' "$stderr"
  fi
  assert_eq "cgroups" "" "$(list_cgroups)"
done <<'END'
memory {memory: {limit: 67108864}}
pids {pids: {limit: 50}}
cpu {cpu: {shares: 512}}
cpu {cpu: {quota: 50000, period: 100000}}
cpuset {cpu: {cpus: "0"}}
io {blockIO: {weight: 100}}
END
[ $tried != 0 ] || skip "cgroup v2 has all controllers here"

# update alike, and the container goes on.
cp original.json "$BUNDLE/config.json"
start_container limits
if ! grep -qw pids $unified/cgroup.controllers; then refuse pids brig update --pids-limit 5 limits; fi
assert_eq "status" running "$(container_status limits)"
succeed brig delete --force limits
