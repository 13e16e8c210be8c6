#!/bin/bash
# A brig that was started in a chroot makes a container whose root is the root of its mount namespace, so
# that exec does not end up in the root file system around the chroot.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle jailed '.root.readonly = true'
edit_config "$(shell_command 'touch /x 2>&1; exec sleep 1000')"
jail=$WORK/jail
mkdir "$jail"

# jailed COMMAND...: brig in the chroot, in which all paths are the same.
jailed() { chroot "$jail" "$RUNTIME" --root "$ROOT" "$@"; }

mount --rbind / "$jail"
for option in '' --no-pivot; do
  # shellcheck disable=SC2086 # words
  succeed jailed create $option --bundle "$BUNDLE" jailed
  succeed jailed start jailed
  for command in jailed brig; do
    capture $command exec jailed ls -d "$WORK" /sbin/init
    assert_contains "$command exec, $option: the host's folder" "$WORK: No such file" "$stderr"
    succeed $command exec jailed cmp /bin/busybox /proc/1/exe
    capture $command exec jailed awk -v at="$WORK" 'index($5, at) == 1' /proc/self/mountinfo
    assert_eq "$command exec, $option: mounts of the host" "" "$stdout"
  done
  succeed jailed delete --force jailed
done
umount --recursive --lazy "$jail"

# One that is no mount cannot be told apart from what is around it.
plain=$WORK/plain
cp -a "$ROOTFS" "$plain"
mkdir "$plain/bundle"
jq 'del(.linux.cgroupsPath, .linux.resources)' "$BUNDLE/config.json" >"$plain/bundle/config.json"
mkdir "$plain/bundle/rootfs"
cp "$RUNTIME" "$plain/bin/brig"
# One with sanitizers is not static.
for library in $(ldd "$RUNTIME" 2>/dev/null | grep -o '/[^ ]*'); do
  mkdir -p "$plain${library%/*}"
  cp "$library" "$plain$library"
done
mount -t proc proc "$plain/proc"
refuse "not a mount point" chroot "$plain" /bin/brig --cgroup-manager disabled run --bundle /bundle plain
umount "$plain/proc"
