#!/bin/bash
# An image whose /dev is a link out of it gets no device, link or ptmx change on the host.
. "$(dirname "$0")/lib.sh"
need_root

mkdir outside
touch outside/ptmx
make_bundle hostile 'del(.mounts[] | select(.destination | startswith("/dev"))) | .process.args = ["true"]'
rmdir "$BUNDLE/rootfs/dev"
ln -s "$WORK/outside" "$BUNDLE/rootfs/dev"
capture brig run --bundle "$BUNDLE" hostile
assert_eq "the folder outside" ptmx "$(ls -A outside)"
[ -f outside/ptmx ] || fail "the host's ptmx was replaced"

# The same through a tmpfs on /dev: the link is followed inside the root file system only.
edit_config '.mounts += [{destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["mode=755"]}]'
capture brig run --bundle "$BUNDLE" hostile
assert_eq "the folder outside" ptmx "$(ls -A outside)"
