#!/bin/bash
# --root on a read-only file system: a create is refused, what needs no writing works, and delete tells why it cannot.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle c "$(shell_command 'exec sleep 1000')"
mount -t tmpfs tmpfs "$ROOT"
mounts_before=$(</proc/self/mountinfo)
succeed brig create --bundle "$BUNDLE" c
cgroup=$(jq -r .cgroupPath "$ROOT/c/state.json")

mount -o remount,ro "$ROOT"
refuse_within 20 "make the state folder $ROOT/other: read-only file system" brig create --bundle "$BUNDLE" other
refuse_within 20 "make the state folder $ROOT/other: read-only file system" brig run --bundle "$BUNDLE" other
refuse_within 20 "make the state root $ROOT/new: read-only file system" "$RUNTIME" --root "$ROOT/new" create --bundle "$BUNDLE" other
assert_eq "status" created "$(container_status c)"
succeed brig start c
assert_eq "status" running "$(container_status c)"
succeed brig exec c true
succeed brig ps --format json c
succeed brig list -q
assert_eq "list" c "$stdout"
if [ -n "$cgroup" ]; then
  succeed brig pause c
  succeed brig resume c
fi
succeed brig kill c KILL
wait_until has_status c stopped
refuse_within 20 "read-only file system" brig delete c
refuse_within 20 "read-only file system" brig delete --force c
# Nothing but the state is left of it, and it can be removed as soon as that can be.
assert_eq "cgroups" "" "$(list_cgroups)"
assert_eq "status" stopped "$(container_status c)"
mount -o remount,rw "$ROOT"
succeed brig delete c
succeed brig create --bundle "$BUNDLE" c
succeed brig delete --force c
umount "$ROOT"
mounts_before=$(</proc/self/mountinfo)
