#!/bin/bash
# What `spec --rootless` writes runs as it stands for the unprivileged user who wrote it.
. "$(dirname "$0")/lib.sh"
be_user single

BUNDLE=$WORK/plain
mkdir "$BUNDLE"
cp -a "$ROOTFS" "$BUNDLE/rootfs"
chown -hR $USER_ID:$USER_ID "$BUNDLE"
cd "$BUNDLE"
succeed user "$RUNTIME" spec --rootless
assert_eq "namespaces" "ipc mount pid user uts" \
  "$(jq -r '.linux.namespaces[].type' config.json | grep -v cgroup | sort | xargs)"
assert_eq "mapping" "0 $USER_ID 1" "$(jq -r '.linux.uidMappings[] | "\(.containerID) \(.hostID) \(.size)"' config.json)"
assert_eq "resources" null "$(jq .linux.resources config.json)"
# Only a terminal cannot be had here.
edit_config '.process.terminal = false'
edit_config "$(shell_command 'id -u; id -g; cat /proc/self/uid_map; touch /new || echo read-only; cat /proc/self/setgroups; ls /sys/class >/dev/null && ls -d /dev/shm')"
cd "$BUNDLE"
succeed brig run plain
assert_eq "inside" "0 0 0 $USER_ID 1 read-only deny /dev/shm" "$(xargs <<<"$stdout")"

# Neither the host's /sys nor its cgroups can be written, although some may be the user's own.
edit_config "$(shell_command 'grep " /sys/fs/cgroup " /proc/mounts | tail -n 1; mkdir /sys/fs/cgroup/new')"
refuse "Read-only file system" brig run plain
assert_contains "the last mount" " /sys/fs/cgroup cgroup2 ro," "$stdout"
