#!/bin/bash
# In a user namespace, where no device can be made, the default devices are the host's, and usable.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle usernsdev '.linux.namespaces += [{type: "user"}] |
  .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
chown -hR 100000:100000 "$BUNDLE/rootfs"
run_shell usernsdev 'cd /dev; stat -c "%n %t:%T" null zero full random urandom tty
  head -c 3 /dev/zero | wc -c; echo x >/dev/null && head -c 4 /dev/urandom | wc -c
  for link in fd stdin stdout stderr ptmx; do readlink $link; done; test -c /dev/pts/ptmx && echo pts'
assert_eq "devices" "null 1:3
zero 1:5
full 1:7
random 1:8
urandom 1:9
tty 5:0
3
4
/proc/self/fd
/proc/self/fd/0
/proc/self/fd/1
/proc/self/fd/2
pts/ptmx
pts" "$stdout"
assert_eq "standard error" "" "$stderr"
