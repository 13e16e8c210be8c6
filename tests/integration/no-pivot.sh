#!/bin/bash
# --no-pivot (a root file system on a ramdisk) gives the same view, without pivot_root.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle pivot '.root.readonly = true'
edit_config "$(shell_command 'ls /; touch /x 2>&1; exec sleep 1000')"
succeed brig create --no-pivot --bundle "$BUNDLE" pivot
capture brig start pivot
assert_status 0
succeed brig exec pivot sh -c "ls -d $WORK 2>&1; readlink /proc/1/root; touch /x 2>&1; ls -A /proc/1/fd | wc -l; exit 0"
assert_contains "the host's folder" "No such file" "$stdout"
assert_contains "write to the read-only root" "Read-only file system" "$stdout"
succeed brig delete --force pivot
