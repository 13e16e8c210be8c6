#!/bin/bash
# process.user.umask is the program's umask: 0022 unless set, never the caller's.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle umask
umask 0077
run_shell umask umask
assert_eq "umask when unset" 0022 "$stdout"
edit_config '.process.user.umask = 23' # 027
run_shell umask 'umask; touch /tmp/file; stat -c %a /tmp/file'
assert_eq "umask 027" $'0027\n640' "$stdout"
edit_config '.process.user.umask = 0'
run_shell umask 'umask'
assert_eq "umask 0" 0000 "$stdout"
# What the runtime makes itself does not depend on the caller's umask either.
edit_config '.process.cwd = "/made"'
run_shell umask true
assert_eq "mode of the made cwd" 755 "$(stat -c %a "$BUNDLE/rootfs/made")"
