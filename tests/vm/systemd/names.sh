#!/bin/bash
# Shows what linux.cgroupsPath becomes under systemd: units, slices, their cgroups, and bad names.
# vm: lane=full suites=bookworm runtimes=brig,crun
. "$(dirname "$0")/lib.sh"

# placed CGROUPSPATH UNIT FOLDER: a container of that path is in the unit, and the unit in that cgroup.
placed() {
  started c "$1" 'sleep 1000'
  equals active "$(property "$2" ActiveState)" "$2"
  equals "$3" "$(property "$2" ControlGroup)" "cgroup of $2"
  contains "$3" "$(sed -n 's/^0:://p' "/proc/$(oci state c | jq .pid)/cgroup")" "cgroup of the process"
  oci delete --force c
  gone "$2"
}
slice_prefix_name() { placed sdtest.slice:pre:name pre-name.scope /sdtest.slice/pre-name.scope; }
step "slice:prefix:name is prefix-name.scope in the slice" slice_prefix_name
nested() { placed sdtest-a-b.slice:pre:name pre-name.scope /sdtest.slice/sdtest-a.slice/sdtest-a-b.slice/pre-name.scope; }
step "a slice a-b.slice is below a.slice" nested
root_slice() { placed -.slice:pre:name pre-name.scope /pre-name.scope; }
step "the root slice" root_slice
empty_slice() { placed :pre:name pre-name.scope /system.slice/pre-name.scope; }
step "no slice is system.slice" empty_slice
two_at_once() {
  started c sdtest.slice:pre:one 'sleep 1000'
  started d sdtest.slice:pre:two 'sleep 1000'
  oci delete --force c
  equals active "$(property pre-two.scope ActiveState)" "the other unit"
  oci delete --force d
  gone pre-one.scope pre-two.scope
  equals active "$(property sdtest.slice ActiveState)" "the slice stays"
}
step "a slice keeps its other container and outlives both" two_at_once
refused_path() {
  bundle c "$1" true
  refused c "$2"
  equals "" "$(units 'pre-*')" "units"
}
bad_form() { refused_path "/a/b" 'expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got "/a/b" instead'; }
step "a path without colons is refused" bad_form
bad_slices() {
  local slice
  for slice in a--b.slice -a.slice a-.slice a/b.slice a .slice; do refused_path "$slice:pre:name" slice; done
}
step "bad slice names are refused" bad_slices
in_use() {
  started c sdtest.slice:pre:name 'sleep 1000'
  bundle d sdtest.slice:pre:name true
  refused d "container's cgroup is not empty"
  has_status c running || fail "the first container was hit"
}
step "the unit of another container is left alone" in_use
foreign_unit() {
  systemd-run -q --unit=pre-name.scope --scope --slice=other.slice sleep 1000 &
  within 10 test -e /sys/fs/cgroup/other.slice/pre-name.scope
  bundle c sdtest.slice:pre:name true
  if oci create --bundle "$work/c" c; then fail "created"; fi
  equals active "$(property pre-name.scope ActiveState)" "the other's unit"
  ask stop pre-name.scope
}
step "somebody else's unit of the name is an error, and stays" foreign_unit
if [ "${RUNTIME##*/}" != crun ]; then
  unset_path() {
    bundle c "" 'sleep 1000' 'del(.linux.cgroupsPath)'
    create c
    equals active "$(property "${RUNTIME##*/}-c.scope" ActiveState)" "the unit"
    oci delete --force c
    gone "${RUNTIME##*/}-c.scope"
  }
  step "no path is system.slice:RUNTIME:ID" unset_path
  slice_unit() { placed sdtest.slice:ignored:sdtest-x.slice sdtest-x.slice /sdtest.slice/sdtest-x.slice; }
  step "a name that ends in .slice is a slice of its own" slice_unit
fi
finish_steps
