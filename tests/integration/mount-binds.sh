#!/bin/bash
# Binds: of a folder, with and without what is mounted in it, of a file; sources that are missing.
. "$(dirname "$0")/lib.sh"
need_root

mkdir -p host/sub
touch host/top
make_bundle bind
mkdir "$BUNDLE/data"
echo bundle >"$BUNDLE/data/file"
# In a mount namespace of its own, so that the mount goes away with it.
edit_config '.mounts += [
  {destination: "/bind", type: "none", source: $host, options: ["bind"]},
  {destination: "/rbind", type: "bind", source: $host, options: ["rbind"]},
  {destination: "/relative", source: "data", options: ["bind"]},
  {destination: "/new/folder/file", source: "\($host)/top", options: ["bind", "ro"]},
  {destination: "also/relative", source: $host, options: ["rbind"]}]' --arg host "$WORK/host"
edit_config "$(shell_command 'for folder in /bind/sub /rbind/sub /also/relative; do echo $folder: $(ls $folder); done; cat /relative/file; test -f /new/folder/file && echo file')"
capture unshare -m sh -c 'mount -t tmpfs none host/sub && touch host/sub/inner && exec "$@"' - \
  "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" bind
assert_eq "what is seen" "/bind/sub:
/rbind/sub: inner
/also/relative: sub top
bundle
file" "$stdout"
# What had to be made in the root file system for it: a file for a file.
[ -f "$BUNDLE/rootfs/new/folder/file" ] || fail "the target of a bound file is not a file"
assert_eq "mode of the made folder" 755 "$(stat -c %a "$BUNDLE/rootfs/new/folder")"

edit_config '.mounts = [.mounts[0], {destination: "/bind", source: "/no/such/source", options: ["bind"]}]'
refuse 'mounts[1] (/bind)' brig create --bundle "$BUNDLE" bind
assert_contains error /no/such/source "$stderr"
assert_contains error "no such file or directory" "${stderr,,}"
edit_config '.mounts[1] = {destination: "/bind", source: $file, options: ["bind"]}' --arg file "$WORK/host/top"
refuse 'mounts[1] (/bind)' brig create --bundle "$BUNDLE" bind
edit_config '.mounts[1] = {destination: "/bind", source: "/tmp", options: ["bind", "size=1k"]}'
refuse 'mounts[1]' brig create --bundle "$BUNDLE" bind
