#!/bin/bash
# With Docker's profile a call that is newer than the profile fails with ENOSYS, a refused one with EPERM.
. "$(dirname "$0")/lib.sh"
need_root
need_command perl
[ "$(uname -m)" = x86_64 ] || skip "the numbers below are those of x86_64"

make_bundle newer '.linux.seccomp = $docker[0].linux.seccomp | .mounts += [
  ("/usr", "/lib", "/lib64") | {destination: ., source: ., options: ["rbind", "ro"]}]' \
  --slurpfile docker "$tests_folder/../corpus/docker-default.config.json"
# acct(2), a call that no kernel has yet, and getppid(2), for the program and for exec.
edit_config '.process.args = ["/usr/bin/perl", "-e", "for (163, 900, 110) { $! = 0; syscall($_, 0); print $! + 0, \"\\n\" } sleep shift // 0"]'
succeed brig run --bundle "$BUNDLE" newer
assert_eq "errno of acct, of a call of tomorrow, and of getppid" "1 38 0" "$(xargs <<<"$stdout")"
edit_config '.process.args += ["1000"]'
start_container newer
succeed brig exec newer /usr/bin/perl -e 'for (163, 900) { $! = 0; syscall($_, 0); print $! + 0, "\n" }'
assert_eq "errno under exec" "1 38" "$(xargs <<<"$stdout")"
succeed brig delete --force newer
