#!/bin/bash
# Two containers of a pod share namespaces by path, and end one by one.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle first "$(shell_command 'exec sleep 1000')"
start_container first
first=$(container_pid first)
make_bundle second "$(shell_command 'exec sleep 1000')"
edit_config '.linux.namespaces |= map(select(.type == "network" or .type == "ipc" or .type == "uts") |
  .path = "/proc/\($pid)/ns/\({network: "net"}[.type] // .type)") + [{type: "mount"}, {type: "pid"}] | del(.hostname)' \
  --arg pid "$first"
start_container second
second=$(container_pid second)
for name in net ipc uts; do
  assert_eq "shared $name namespace" "$(readlink "/proc/$first/ns/$name")" "$(readlink "/proc/$second/ns/$name")"
done
for name in pid mnt; do
  [ "$(readlink "/proc/$first/ns/$name")" != "$(readlink "/proc/$second/ns/$name")" ] || fail "the $name namespace is shared"
done
succeed brig delete --force second
assert_eq "the other container of the pod" running "$(container_status first)"
succeed brig delete --force first
