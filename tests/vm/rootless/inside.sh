#!/bin/bash
# Shows that the runtime works for root of a user namespace that somebody else made: no newuidmap, no
# mknod, file systems that are refused there.
# vm: lane=full suites=bookworm timeout=300
. "$(dirname "$0")/lib.sh"
subject rootless "user namespace"

# inside UNSHARE_ARGUMENT... -- NAME TEXT [FILTER]: like runs, in a new user namespace.
inside() {
  local how=()
  while [ "$1" != -- ]; do
    how+=("$1")
    shift
  done
  shift
  bundle "$@"
  out=$(unshare "${how[@]}" "$RUNTIME" --root "$work/root" run --bundle "$work/$1" "$1" 2>&1 </dev/null) || fail "run: $out"
  out=$(xargs <<<"$out")
}
nested='(.linux.uidMappings[0], .linux.gidMappings[0]).hostID = 0'
outer() {
  inside --user --map-root-user --mount -- c 'id -u; cat /proc/self/uid_map; stat -c %t:%T /dev/null; ls -d /proc/1 /sys/class' "$none"
  equals "0 0 $uid 1 1:3 /proc/1 /sys/class" "$out" "inside"
}
step "unshare --user --mount, no user namespace of the container's own" outer
own() {
  inside --user --map-root-user --mount -- c 'id -u; cat /proc/self/uid_map' "$nested"
  equals "0 0 0 1" "$out" "inside"
}
step "unshare --user --mount, with one of its own" own
bare() {
  inside --user --map-root-user -- c 'id -u; ls -d /sys/class; stat -c %t:%T /dev/null' "$nested"
  equals "0 /sys/class 1:3" "$out" "inside"
}
step "unshare --user without a mount namespace" bare
host_network() {
  inside --user --map-root-user --mount -- c 'ls /sys/class/net' "$none | (.mounts[] | select(.destination == \"/sys\")) |=
    (.type = \"sysfs\" | .source = \"sysfs\" | .options = [\"nosuid\", \"noexec\", \"nodev\", \"ro\"])"
  contains lo "$out" network
}
step "sysfs without a network namespace is the host's /sys" host_network
many_ids() {
  podman unshare true
  bundle c 'id -u; id -G; cat /proc/self/uid_map; cat /dev/null && echo readable' "$none | .process.user = {uid: 33, gid: 33, additionalGids: [44]}"
  out=$(podman unshare "$RUNTIME" --root "$work/root" run --bundle "$work/c" c 2>&1 </dev/null) || fail "$out"
  equals "33 33 44 0 $uid 1 1 100000 65536 readable" "$(xargs <<<"$out")" "inside"
}
step "podman unshare: all of a user's ids" many_ids
pts_group() {
  bundle c true "$none | (.mounts[] | select(.destination == \"/dev/pts\") | .options) += [\"gid=5\"]"
  if out=$(unshare --user --map-root-user --mount "$RUNTIME" --root "$work/root" run --bundle "$work/c" c 2>&1); then
    fail "accepted: $out"
  fi
  contains gid "$out" error
}
step "a group of /dev/pts that is not mapped is named" pts_group
hidden() {
  bundle c true "$nested"
  if out=$(unshare --user --map-root-user --mount bash -c 'mount -t tmpfs x /proc/sys && exec unshare --user --map-root-user --mount "$@"' -- \
    "$RUNTIME" --root "$work/root" run --bundle "$work/c" c 2>&1); then fail "accepted: $out"; fi
  contains proc "$out" error
}
step "a /proc that is hidden in part cannot be had anew" hidden
finish_steps
