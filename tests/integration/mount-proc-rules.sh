#!/bin/bash
# Nothing but a proc file system can lie on /proc, and neither /proc nor /sys may be a link in the image.
. "$(dirname "$0")/lib.sh"
need_root

touch fake
mkdir folder
make_bundle proc '.process.args = ["true"]'
cp "$BUNDLE/config.json" original.json
# with FILTER: the original configuration, changed
with() {
  cp original.json "$BUNDLE/config.json"
  edit_config "$1" --arg work "$WORK"
}
with '.mounts[0] = {destination: "/proc", type: "tmpfs", source: "none"}'
refuse 'mounts[0] (/proc)' brig create --bundle "$BUNDLE" proc
with '.mounts[0] = {destination: "/proc", source: "\($work)/folder", options: ["bind"]}'
refuse 'mounts[0] (/proc)' brig create --bundle "$BUNDLE" proc
with '.mounts += [{destination: "/proc/self/attr", type: "tmpfs", source: "none"}]'
refuse '(/proc/self/attr)' brig create --bundle "$BUNDLE" proc
with '.mounts += [{destination: "/proc/sys/kernel/core_pattern", source: "\($work)/fake", options: ["bind"]}]'
refuse '(/proc/sys/kernel/core_pattern)' brig create --bundle "$BUNDLE" proc
with '.mounts += [{destination: "/tmp/../proc/sys", source: "\($work)/folder", options: ["bind"]}]'
refuse 'mounts[' brig create --bundle "$BUNDLE" proc
# A link in the image that leads there.
ln -s /proc/sys "$BUNDLE/rootfs/link"
with '.mounts += [{destination: "/link", source: "\($work)/folder", options: ["bind"]}]'
refuse 'mounts[' brig create --bundle "$BUNDLE" proc

# The files that lxcfs provides.
echo from lxcfs >fake
with '.mounts += (["cpuinfo", "diskstats", "loadavg", "meminfo", "stat", "swaps", "uptime"] |
  map({destination: "/proc/\(.)", source: "\($work)/fake", options: ["bind", "ro"]}))'
run_shell proc 'cat /proc/cpuinfo /proc/uptime /proc/swaps'
assert_eq "replaced files" $'from lxcfs\nfrom lxcfs\nfrom lxcfs' "$stdout"

# Image with links.
with .
rmdir "$BUNDLE/rootfs/proc"
ln -s /tmp "$BUNDLE/rootfs/proc"
refuse '/proc' brig create --bundle "$BUNDLE" proc
rm "$BUNDLE/rootfs/proc"
mkdir "$BUNDLE/rootfs/proc"
rmdir "$BUNDLE/rootfs/sys"
ln -s /tmp "$BUNDLE/rootfs/sys"
refuse '/sys' brig create --bundle "$BUNDLE" proc
