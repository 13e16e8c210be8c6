#!/bin/bash
# Links in the image never lead a mount, or a folder made for it, out of the root file system.
. "$(dirname "$0")/lib.sh"
need_root

mkdir outside host
touch host/file
make_bundle links '.mounts += [
  {destination: "/absolute/sub", type: "tmpfs", source: "none"},
  {destination: "/climbing/sub", source: $host, options: ["bind"]},
  {destination: "/tmp/../../../../up", type: "tmpfs", source: "none"},
  {destination: "/last", type: "tmpfs", source: "none"},
  {destination: "/existing/made/deeply", type: "tmpfs", source: "none"}]' --arg host "$WORK/host"
ln -s "$WORK/outside" "$BUNDLE/rootfs/absolute"
ln -s ../../../../../../../"$WORK/outside" "$BUNDLE/rootfs/climbing"
ln -s "$WORK/outside/last" "$BUNDLE/rootfs/last"
# The host has this folder, the image has not.
ln -s "$WORK/host" "$BUNDLE/rootfs/existing"
run_shell links "awk '\$5 ~ \"outside|host|^/up\" { print \$5 }' /proc/self/mountinfo"
assert_eq "mount points inside" "$WORK/outside/sub
$WORK/outside/sub
/up
$WORK/outside/last
$WORK/host/made/deeply" "$stdout"
assert_eq "the folder of the host" file "$(ls -A host)"
assert_eq "the folder outside" "" "$(ls -A outside)"
for folder in "${WORK%/*}/up" "$WORK/up" /up; do
  [ ! -e "$folder" ] || fail "$folder was made, above the root file system"
done

# A loop of links ends in an error that names the mount.
ln -s loop "$BUNDLE/rootfs/loop"
edit_config '.mounts = [.mounts[0], {destination: "/loop/x", type: "tmpfs", source: "none"}]'
refuse 'mounts[1] (/loop/x)' brig create --bundle "$BUNDLE" links
