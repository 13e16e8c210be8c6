#!/bin/bash
# A user's container in the host's cgroup namespace sees his cgroups and cannot change them, whatever the
# options of the mount say (CVE-2023-25809).
. "$(dirname "$0")/lib.sh"
be_user single
be_delegated

make_user_bundle group 'del(.linux.namespaces[] | select(.type == "cgroup")) |
  .mounts |= map(select(.destination != "/sys/fs/cgroup")) +
    [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["rw", "nosuid", "noexec", "nodev"]}]'
edit_config "$(shell_command "cd /sys/fs/cgroup/$TEST_CGROUP && stat -c %u . && mkdir made; echo status \$?")"
succeed brig run --bundle "$BUNDLE" group
assert_eq "his cgroup, and making one below it" $'0\nstatus 1' "$stdout"
assert_contains "error" "Read-only file system" "$stderr"
