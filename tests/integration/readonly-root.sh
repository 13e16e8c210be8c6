#!/bin/bash
# root.readonly makes the root file system read-only, and only the root: mounts keep their own flags.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle ro "$(shell_command 'echo x >/file; echo x >/dev/shm/file && cat /dev/shm/file')"
edit_config '.root.readonly = true'
capture brig run --bundle "$BUNDLE" ro
assert_status 0
assert_contains "the write to /" "Read-only file system" "$stderr"
assert_eq "the write to /dev/shm" x "$stdout"
[ ! -e "$BUNDLE/rootfs/file" ] || fail "the write reached the root file system"

edit_config '.root.readonly = false'
capture brig run --bundle "$BUNDLE" ro
assert_eq "standard error" "" "$stderr"
assert_eq "the file in the bundle" x "$(<"$BUNDLE/rootfs/file")"
