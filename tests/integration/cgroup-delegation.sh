#!/bin/bash
# With an own cgroup namespace and a writable cgroup mount the cgroup belongs to the container's root.
. "$(dirname "$0")/lib.sh"
in_pure_v2

make_bundle delegated "$(shell_command 'mkdir /sys/fs/cgroup/inner && echo $$ >/sys/fs/cgroup/inner/cgroup.procs && grep ^0: /proc/self/cgroup >/done; exec sleep 1000')"
edit_config '.linux.namespaces |= (map(select(.type != "cgroup")) + [{type: "cgroup"}, {type: "user"}]) |
  .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings |
  (.mounts[] | select(.type == "cgroup")) |= (.source = "cgroup" | .options = ["nosuid", "noexec", "nodev"])'
chown -hR 100000:100000 "$BUNDLE/rootfs"
cgroup=/sys/fs/cgroup/$TEST_CGROUP/delegated
start_container delegated
wait_until test -s "$BUNDLE/rootfs/done"
assert_eq "cgroup inside" "0::/inner" "$(<"$BUNDLE/rootfs/done")"
assert_eq "owner of the cgroup" 100000 "$(stat -c %u "$cgroup")"
while read -r file; do
  if [ -e "$cgroup/$file" ]; then assert_eq "owner of $file" 100000 "$(stat -c %u "$cgroup/$file")"; fi
done </sys/kernel/cgroup/delegate
assert_eq "owner of a limit" 0 "$(stat -c %u "$cgroup/cgroup.freeze")"
assert_eq "owner of the parent" 0 "$(stat -c %u "${cgroup%/*}")"
succeed brig delete --force delegated

# Not with a read-only mount.
edit_config '(.mounts[] | select(.type == "cgroup") | .options) += ["ro"]'
edit_config "$(shell_command 'exec sleep 1000')"
start_container delegated
assert_eq "owner of the cgroup" 0 "$(stat -c %u "$cgroup")"
succeed brig delete --force delegated
