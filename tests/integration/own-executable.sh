#!/bin/bash
# No capability makes the runtime's program file writable through a container (CVE-2019-5736).
. "$(dirname "$0")/lib.sh"
need_root
need_command perl

# The test's own copy, on a mount that is writable for sure.
cp "$RUNTIME" "$WORK/runtime"
RUNTIME=$WORK/runtime
before=$(sha256sum <"$RUNTIME")
make_bundle own
# The init of a created container is the runtime's program.
succeed brig create --bundle "$BUNDLE" own
exec 3<"/proc/$(container_pid own)/exe"
succeed brig delete --force own

# shellcheck disable=SC2016 # perl expands them
capture perl -e 'open(my $f, "+<", "/proc/self/fd/3") or die "$!\n"'
assert_matches "opening it to write" 'Read-only file system|Permission denied|Operation not permitted' "$stderr"
# mount_setattr(2), x86_64 and all newer architectures: number 442; AT_EMPTY_PATH; clear MOUNT_ATTR_RDONLY.
# shellcheck disable=SC2016 # perl expands them
capture perl -e 'syscall(442, 3, my $path = "", 0x1000, my $attr = pack("Q4", 0, 1, 0, 0), 32) == 0 or die "$!\n"'
assert_matches "making its mount writable" 'Invalid argument|Permission denied|Operation not permitted' "$stderr"
exec 3<&-
assert_eq "the program file" "$before" "$(sha256sum <"$RUNTIME")"

# The process's name is the caller's word for it, and the mark of the second execution is gone.
edit_config '.hooks.createRuntime = [{"path": "/bin/sh", "args": ["sh", "-c", "env >env"]}]'
succeed env PATH="$WORK:$PATH" runtime --root "$ROOT" create --bundle "$BUNDLE" own
assert_eq "comm" runtime "$(<"/proc/$(container_pid own)/comm")"
assert_contains "the hook's environment" PATH= "$(<"$BUNDLE/env")"
assert_lacks "the hook's environment" _BRIG "$(<"$BUNDLE/env")"
succeed brig delete --force own
edit_config 'del(.hooks)'

# On a read-only mount there is nothing to do: no second execution.
mount --bind "$RUNTIME" "$RUNTIME"
mount -o remount,bind,ro "$RUNTIME"
succeed brig create --bundle "$BUNDLE" own
assert_eq "executable" "$RUNTIME" "$(readlink "/proc/$(container_pid own)/exe")"
succeed brig delete --force own
umount "$RUNTIME"
