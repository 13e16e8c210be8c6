#!/bin/bash
# No hook has more than its three standard streams, whatever brig was started with or has open itself.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle fds '.process.args = ["true"]'
mkdir -m 777 "$BUNDLE/rootfs/log"
edit_config 'def hook($name; $folder): [{path: "/bin/sh", args: ["sh", "-c", "echo /proc/self/fd/* >\($folder)/\($name)"]}];
  .hooks = ((["prestart", "createRuntime", "createContainer", "poststart", "poststop"] | map({(.): hook(.; $log)}) | add) +
    {startContainer: hook("startContainer"; "/log")})' --arg log "$BUNDLE/rootfs/log"
exec 3</ 7<"$WORK"
succeed brig run --preserve-fds 1 --bundle "$BUNDLE" fds
exec 3<&- 7<&-
for name in prestart createRuntime createContainer startContainer poststart poststop; do
  wait_until test -s "$BUNDLE/rootfs/log/$name"
  # Output goes to the file, and the shell keeps what it was at 10; the pattern's own folder is 3.
  assert_eq "$name" "0 1 2" "$(tr ' ' '\n' <"$BUNDLE/rootfs/log/$name" | sed 's,.*/,,' | grep -xE '[0-9]+' | grep -vxE '3|10' | xargs)"
done
