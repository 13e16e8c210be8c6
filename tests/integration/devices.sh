#!/bin/bash
# Default devices are there and work; linux.devices adds nodes; one that differs from what exists is refused.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle dev '.process.capabilities |= map_values(. + ["CAP_DAC_OVERRIDE"]) | .linux.resources.devices = [{allow: true, access: "rwm"}] | .linux.devices = [
  {path: "/dev/own", type: "c", major: 1, minor: 5, fileMode: 416, uid: 1000, gid: 1001},
  {path: "/dev/block", type: "b", major: 7, minor: 250},
  {path: "/some/where/pipe", type: "p", fileMode: 432},
  {path: "/dev/u", type: "u", major: 1, minor: 3}]'
umask 0077
run_shell dev 'cd /dev; stat -c "%n %F %t:%T %a %u:%g" null zero full random urandom tty own block u /some/where/pipe
  echo x >null && head -c 3 zero | wc -c; echo x 2>&- >full || echo full; head -c 2 own | wc -c
  for link in fd stdin stdout stderr ptmx; do readlink $link; done'
assert_eq "devices" "null character special file 1:3 666 0:0
zero character special file 1:5 666 0:0
full character special file 1:7 666 0:0
random character special file 1:8 666 0:0
urandom character special file 1:9 666 0:0
tty character special file 5:0 666 0:0
own character special file 1:5 640 1000:1001
block block special file 7:fa 666 0:0
u character special file 1:3 666 0:0
/some/where/pipe fifo 0:0 660 0:0
3
full
2
/proc/self/fd
/proc/self/fd/0
/proc/self/fd/1
/proc/self/fd/2
pts/ptmx" "$stdout"

# In the image itself: the same node may exist, another file may not.
edit_config '.linux.devices = [{path: "/node", type: "c", major: 1, minor: 3}]'
mknod "$BUNDLE/rootfs/node" c 1 3
run_shell dev 'echo x >/node'
rm "$BUNDLE/rootfs/node"
mknod "$BUNDLE/rootfs/node" c 1 5
refuse 'linux.devices[0]' brig create --bundle "$BUNDLE" dev
rm "$BUNDLE/rootfs/node"
touch "$BUNDLE/rootfs/node"
refuse 'linux.devices[0]' brig create --bundle "$BUNDLE" dev
assert_contains error /node "$stderr"
[ -f "$BUNDLE/rootfs/node" ] || fail "the file that was in the way is gone"
edit_config '.linux.devices = [{path: "/node", type: "x", major: 1, minor: 3}]'
refuse 'linux.devices[0].type' brig create --bundle "$BUNDLE" dev
edit_config '.linux.devices = [{path: "/node", type: "c"}]'
refuse 'linux.devices[0]' brig create --bundle "$BUNDLE" dev
