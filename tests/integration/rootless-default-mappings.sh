#!/bin/bash
# An unprivileged user's configuration without a user namespace gets one: root is the user, the
# other ids are his subordinate ones.
. "$(dirname "$0")/lib.sh"
be_user with-subordinate-ids

make_user_bundle plain 'del(.linux.uidMappings, .linux.gidMappings) |
  del(.linux.namespaces[] | select(.type == "user"))'
chmod 777 "$BUNDLE/rootfs/tmp"
run_shell plain 'id -u; cat /proc/self/uid_map /proc/self/gid_map'
assert_eq "with subordinate ids" "0 0 $USER_ID 1 1 300000 65536 0 $USER_ID 1 1 400000 65536" "$(xargs <<<"$stdout")"
edit_config '.process.user = {uid: 33, gid: 33, additionalGids: [44]}'
run_shell plain 'id -G; touch /tmp/new'
assert_eq "groups" "33 44" "$stdout"
assert_eq "owner" 300032:400032 "$(stat -c %u:%g "$BUNDLE/rootfs/tmp/new")"

# exec joins that namespace too.
edit_config "$(shell_command 'exec sleep 1000')"
start_container plain
succeed brig exec --user 0:0 plain sh -c 'id -u; readlink /proc/self/ns/user'
assert_eq "exec" "0 $(readlink "/proc/$(container_pid plain)/ns/user")" "$(xargs <<<"$stdout")"
succeed brig delete --force plain

# Without subordinate ids the process itself is the user.
: >/etc/subuid
edit_config 'del(.process.user.additionalGids)'
run_shell plain 'id -u; id -g; cat /proc/self/uid_map; touch /tmp/single'
assert_eq "without" "33 33 33 $USER_ID 1" "$(xargs <<<"$stdout")"
assert_eq "owner" $USER_ID:$USER_ID "$(stat -c %u:%g "$BUNDLE/rootfs/tmp/single")"
