#!/bin/bash
# A cgroup mount shows the container's own cgroup as its root; writable only when not ro.
. "$(dirname "$0")/lib.sh"
in_pure_v2

make_bundle cg '.linux.namespaces |= (map(select(.type != "cgroup")) + [{type: "cgroup"}])'
run_shell cg 'grep ^0: /proc/self/cgroup; grep -x 1 /sys/fs/cgroup/cgroup.procs; ls -d /sys/fs/cgroup/cgroup.events
  mkdir /sys/fs/cgroup/sub; grep " /sys/fs/cgroup " /proc/self/mountinfo | grep -o -- "- cgroup2"; exit 0'
assert_eq "own cgroup" "0::/ 1 /sys/fs/cgroup/cgroup.events - cgroup2" "$(xargs <<<"$stdout")"
assert_contains "mkdir in a read-only mount" "Read-only file system" "$stderr"

edit_config '(.mounts[] | select(.type == "cgroup") | .options) = ["nosuid", "noexec", "nodev"]'
run_shell cg 'mkdir /sys/fs/cgroup/sub && echo 0 >/sys/fs/cgroup/sub/cgroup.procs && grep ^0: /proc/self/cgroup'
assert_eq "own sub-cgroup" "0::/sub" "$stdout"

# Without a cgroup namespace the mount shows the whole path to it, and the same files.
edit_config '.linux.namespaces |= map(select(.type != "cgroup"))'
run_shell cg 'grep ^0: /proc/self/cgroup; ls /sys/fs/cgroup | grep -c cgroup.procs'
assert_eq "cgroup path" "0::/$TEST_CGROUP/cg" "$(head -n 1 <<<"$stdout")"
