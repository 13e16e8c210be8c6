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
pid=$(container_pid own)
exec 3<"/proc/$pid/exe"
# The other way to the file: what is mapped of it.
inode=$(stat -c %i "$RUNTIME") mapped=()
for file in "/proc/$pid/map_files/"*; do
  [ "$(stat -L -c %i "$file")" = "$inode" ] || continue
  exec {fd}<"$file"
  mapped+=("$fd")
done
[ "${#mapped[@]}" -gt 2 ] || fail "${#mapped[@]} mappings of the runtime's program"
assert_eq "the arguments that ps shows" "$RUNTIME" "$(tr '\0' '\n' <"/proc/$pid/cmdline" | head -n 1)"
succeed brig delete --force own

for fd in 3 "${mapped[@]}"; do
  # shellcheck disable=SC2016 # perl expands them
  capture perl -e 'open(my $f, "+<", "/proc/self/fd/$ARGV[0]") or die "$!\n"' "$fd"
  assert_matches "opening it to write" 'Read-only file system|Permission denied|Operation not permitted' "$stderr"
done
# mount_setattr(2), x86_64 and all newer architectures: number 442; AT_EMPTY_PATH; clear MOUNT_ATTR_RDONLY.
# shellcheck disable=SC2016 # perl expands them
capture perl -e 'syscall(442, 3, my $path = "", 0x1000, my $attr = pack("Q4", 0, 1, 0, 0), 32) == 0 or die "$!\n"'
assert_matches "making its mount writable" 'Invalid argument|Permission denied|Operation not permitted' "$stderr"
exec 3<&-
assert_eq "the program file" "$before" "$(sha256sum <"$RUNTIME")"

# The process's name is the caller's word for it, and the mark of a second execution is gone.
edit_config '.hooks.createRuntime = [{"path": "/bin/sh", "args": ["sh", "-c", "env >env"]}]'
succeed env PATH="$WORK:$PATH" runtime --root "$ROOT" create --bundle "$BUNDLE" own
assert_eq "comm" runtime "$(<"/proc/$(container_pid own)/comm")"
assert_contains "the hook's environment" PATH= "$(<"$BUNDLE/env")"
assert_lacks "the hook's environment" _BRIG "$(<"$BUNDLE/env")"
succeed brig delete --force own
edit_config 'del(.hooks)'

# On a read-only mount there is nothing to do.
mount --bind "$RUNTIME" "$RUNTIME"
mount -o remount,bind,ro "$RUNTIME"
succeed brig create --bundle "$BUNDLE" own
assert_eq "executable" "$RUNTIME" "$(readlink "/proc/$(container_pid own)/exe")"
succeed brig delete --force own
umount "$RUNTIME"
