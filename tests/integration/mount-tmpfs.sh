#!/bin/bash
# tmpfs gets its data options, and with tmpcopyup the files that lay below it.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle tmpfs '.process.capabilities |= map_values(. + ["CAP_DAC_OVERRIDE"]) | .mounts += [
  {destination: "/small", type: "tmpfs", source: "none", options: ["size=64k", "uid=5", "gid=6", "mode=1710"]},
  {destination: "/copied", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup", "nosuid"]},
  {destination: "/plain", type: "tmpfs", source: "tmpfs"}]'
mkdir -p "$BUNDLE/rootfs/copied/deep" "$BUNDLE/rootfs/plain"
echo content >"$BUNDLE/rootfs/copied/deep/file"
ln -s deep/file "$BUNDLE/rootfs/copied/link"
chmod 640 "$BUNDLE/rootfs/copied/deep/file"
chmod 2751 "$BUNDLE/rootfs/copied"
chown 1000:1001 "$BUNDLE/rootfs/copied" "$BUNDLE/rootfs/copied/deep/file"
touch "$BUNDLE/rootfs/plain/hidden"
run_shell tmpfs 'stat -c "%a %u:%g" /small; dd if=/dev/zero of=/small/x bs=1k count=65 2>/dev/null || echo full
  stat -c "%n %a %u:%g" /copied /copied/deep/file; readlink /copied/link; cat /copied/link
  echo changed >/copied/deep/file; ls -A /plain | wc -l'
assert_eq "seen inside" "1710 5:6
full
/copied 2751 1000:1001
/copied/deep/file 640 1000:1001
deep/file
content
0" "$stdout"
assert_eq "the file below the tmpfs" content "$(<"$BUNDLE/rootfs/copied/deep/file")"

edit_config '.mounts[-1].options = ["size=nonsense"]'
refuse '(/plain)' brig create --bundle "$BUNDLE" tmpfs
edit_config '.mounts[-1] = {destination: "/plain", type: "nosuchfs", source: "x"}'
refuse nosuchfs brig create --bundle "$BUNDLE" tmpfs
