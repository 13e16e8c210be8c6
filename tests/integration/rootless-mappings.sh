#!/bin/bash
# newuidmap and newgidmap write the mappings that an unprivileged user may not write himself; what
# they refuse is said with the remedy.
. "$(dirname "$0")/lib.sh"
be_user with-subordinate-ids

make_user_bundle maps '.linux.uidMappings += [{containerID: 1, hostID: 300000, size: 1000}] |
  .linux.gidMappings += [{containerID: 1, hostID: 400000, size: 2000}] |
  .process.user = {uid: 33, gid: 34, additionalGids: [1500]}'
chmod 777 "$BUNDLE/rootfs/tmp"
run_shell maps 'id -u; id -g; id -G; cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups; touch /tmp/new'
assert_eq "ids inside" \
  "33 34 34 1500 0 $USER_ID 1 1 300000 1000 0 $USER_ID 1 1 400000 2000 allow" "$(xargs <<<"$stdout")"
assert_eq "ids outside" 300032:400033 "$(stat -c %u:%g "$BUNDLE/rootfs/tmp/new")"

# Root need not be mapped.
edit_config '.process.user = {uid: 7, gid: 8} | .linux.uidMappings[0].containerID = 7 | .linux.gidMappings[0].containerID = 8 |
  del(.linux.uidMappings[1], .linux.gidMappings[1])'
run_shell maps 'id -u; id -g; cat /proc/self/uid_map; touch /tmp/own'
assert_eq "without root" "7 8 7 $USER_ID 1" "$(xargs <<<"$stdout")"
assert_eq "owner" $USER_ID:$USER_ID "$(stat -c %u:%g "$BUNDLE/rootfs/tmp/own")"

# One's own group alone: the kernel takes setgroups away.
edit_config '.process.user.additionalGids = [8]'
refuse "process.user.additionalGids: set the groups: operation not permitted" brig run --bundle "$BUNDLE" maps
assert_contains remedy run.oci.keep_original_groups=1 "$stderr"

# Ranges that the administrator has not given.
edit_config 'del(.process.user.additionalGids) | .linux.uidMappings += [{containerID: 100, hostID: 600000, size: 10}]'
refuse "linux.uidMappings: newuidmap: uid range [100-110) -> [600000-600010) not allowed" brig run --bundle "$BUNDLE" maps
assert_contains remedy "/etc/subuid must give the user this range" "$stderr"
edit_config '.linux.uidMappings[1].hostID = 300000 | .linux.gidMappings += [{containerID: 100, hostID: 1, size: 10}]'
refuse "linux.gidMappings: newgidmap: gid range [100-110) -> [1-11) not allowed" brig run --bundle "$BUNDLE" maps
assert_contains remedy "/etc/subgid must give the user this range" "$stderr"

# The helpers are set-user-id programs.
refuse "no_new_privs" setpriv --no-new-privs "${as_user[@]}" "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" maps

mkdir "$WORK/empty"
as_user+=(env PATH="$WORK/empty")
refuse "linux.gidMappings: more than the caller's own id can only be mapped by newgidmap, which is not in PATH (package uidmap" \
  brig run --bundle "$BUNDLE" maps
