#!/bin/bash
# The options of a mount become its flags, or the data of its file system.
. "$(dirname "$0")/lib.sh"
need_root

mkdir shared
echo content >shared/file
make_bundle flags '.process.args = ["cat", "/proc/self/mountinfo"] | .mounts += [
  {destination: "/plain", type: "bind", source: $dir, options: ["bind"]},
  {destination: "/strict", type: "bind", source: $dir,
   options: ["rbind", "ro", "nosuid", "nodev", "noexec", "noatime"]},
  {destination: "/file", type: "bind", source: "\($dir)/file", options: ["bind", "ro"]},
  {destination: "/made/for/it", type: "tmpfs", source: "none",
   options: ["size=128k", "mode=1750", "nodev", "noexec"]}]' --arg dir "$WORK/shared"
succeed brig run --bundle "$BUNDLE" flags

# options_of PATH: the per-mount options, then those of the file system.
options_of() { awk -v path="$1" '$5 == path { print "," $6 ",", "," $NF "," }' <<<"$stdout"; }
assert_contains "/plain" ",rw," "$(options_of /plain)"
for flag in ro nosuid nodev noexec noatime; do
  assert_contains "/strict" ",$flag," "$(options_of /strict)"
done
assert_contains "/file" ",ro," "$(options_of /file)"
for flag in size=128k mode=1750 nodev noexec; do
  assert_contains "/made/for/it" ",$flag," "$(options_of /made/for/it)"
done

# ro is true: the write fails, and the bound file is the host's.
edit_config "$(shell_command 'cat /file; echo x >/plain/new; echo x >/strict/new; echo x >/file')"
capture brig run --bundle "$BUNDLE" flags
assert_eq "content of /file" content "$stdout"
[ -e shared/new ] || fail "the write through /plain did not reach the host"
assert_eq "lines of refused writes" 2 "$(grep -c 'Read-only file system' <<<"$stderr")"
assert_eq "the host's file" content "$(<shared/file)"
