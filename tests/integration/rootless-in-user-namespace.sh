#!/bin/bash
# Root of a user namespace that somebody else made (rootless Podman, buildah, unshare) needs no
# newuidmap, whether the container has a user namespace of its own or not.
. "$(dirname "$0")/lib.sh"
be_user single
need_command unshare

# run_inside UNSHARE_FLAG...: the bundle in a new user namespace where the user is root.
run_inside() {
  succeed user unshare --map-root-user "$@" "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" inside
}
make_user_bundle inside '(.linux.uidMappings[], .linux.gidMappings[]).hostID = 0'
edit_config "$(shell_command 'id -u; cat /proc/self/uid_map; stat -c %t:%T /dev/null; ls -d /sys/class /proc/1 /dev/mqueue; echo ok >/dev/full || echo full')"
seen="/dev/mqueue /proc/1 /sys/class full"
for flag in --map-root-user --mount --net; do
  run_inside $flag
  assert_eq "nested, with $flag" "0 0 0 1 1:3 $seen" "$(xargs <<<"$stdout")"
done

# The namespace that is there will do. A new network namespace makes sysfs the container's own.
edit_config 'del(.linux.uidMappings, .linux.gidMappings) | del(.linux.namespaces[] | select(.type == "user"))'
run_inside --mount
assert_eq "the outer one" "0 0 $USER_ID 1 1:3 $seen" "$(xargs <<<"$stdout")"
edit_config '.linux.namespaces += [{type: "network"}] | (.mounts[] | select(.destination == "/sys")) |=
  (.type = "sysfs" | .options = ["nosuid", "noexec", "nodev", "ro"])'
edit_config "$(shell_command 'ls /sys/class/net; cat /sys/class/net/lo/operstate')"
run_inside --mount
assert_eq "network" "lo unknown" "$(xargs <<<"$stdout")"
# Without one of its own the host's /sys is bound.
edit_config 'del(.linux.namespaces[] | select(.type == "network"))'
run_inside --mount
assert_contains "the host's devices" "$(basename "$(find /sys/class/net -mindepth 1 | sort | tail -n 1)")" "$stdout"

# A new /proc is refused where parts of the old one are covered: that is said.
edit_config "$(shell_command true)"
refuse "mount proc: operation not permitted" unshare --mount sh -c 'mount -t tmpfs x /proc/sys && exec "$@"' -- \
  "${as_user[@]}" unshare --map-root-user --mount "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" inside
assert_contains remedy unmask=ALL "$stderr"
