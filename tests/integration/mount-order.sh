#!/bin/bash
# Mounts are made in their order; a later one may lie in or over an earlier one.
. "$(dirname "$0")/lib.sh"
need_root

mkdir one two
echo one >one/file
echo two >two/file
make_bundle order '.mounts += [
  {destination: "/a", source: "\($work)/one", options: ["bind"]},
  {destination: "/a", source: "\($work)/two", options: ["bind", "ro"]},
  {destination: "/b", type: "tmpfs", source: "none"},
  {destination: "/b/c/d", source: "\($work)/one", options: ["bind"]},
  {destination: "/dev/extra", source: "\($work)/two", options: ["bind"]}]' --arg work "$WORK"
run_shell order 'cat /a/file /b/c/d/file /dev/extra/file; ls /b; stat -c %a /b/c'
assert_eq "what is seen" $'two\none\ntwo\nc\n755' "$stdout"
assert_eq "the tmpfs kept its folders from the host" "" "$(ls -A "$BUNDLE/rootfs/b")"

# Remounting changes an earlier mount.
edit_config '.mounts += [{destination: "/b", type: "tmpfs", source: "none", options: ["remount", "ro"]}]'
capture brig run --bundle "$BUNDLE" order
assert_status 0
run_shell order 'touch /b/x 2>&1; exit 0'
assert_contains "write after a read-only remount" "Read-only file system" "$stdout"

# A place in a read-only bind is made before the bind becomes read-only.
mkdir three
edit_config '.mounts += [{destination: "/e", source: "\($work)/three", options: ["bind", "ro"]},
  {destination: "/e/file", source: "\($work)/one/file", options: ["bind", "ro"]}]' --arg work "$WORK"
run_shell order 'cat /e/file; touch /e/x 2>&1; exit 0'
assert_contains "what is mounted in it" one "$stdout"
assert_contains "write into it" "Read-only file system" "$stdout"
