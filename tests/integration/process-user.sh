#!/bin/bash
# process.user sets uid, gid and exactly the additional groups, for the program and its files.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle user '.process.user = {uid: 1000, gid: 1001, additionalGids: [5, 77]}'
run_shell user 'grep -E "^(Uid|Gid|Groups):" /proc/self/status; touch /tmp/file; stat -c %u:%g /tmp/file'
assert_eq "identity" "Uid: 1000 1000 1000 1000
Gid: 1001 1001 1001 1001
Groups: 5 77
1000:1001" "$(tr -s '\t ' ' ' <<<"$stdout" | sed 's/ *$//')"

# Without additionalGids none of the caller's groups stay.
edit_config '.process.user = {uid: 0, gid: 0}'
edit_config "$(shell_command 'grep ^Groups: /proc/self/status')"
succeed setpriv --groups 4,24 "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" user
assert_eq "groups" "Groups:" "$(tr -d '\t ' <<<"$stdout")"
# crun's annotation for Podman's --group-add keep-groups.
edit_config '.annotations = {"run.oci.keep_original_groups": "1"}'
succeed setpriv --groups 4,24 "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" user
assert_eq "kept groups" "Groups: 4 24" "$(tr -s '\t ' ' ' <<<"$stdout" | sed 's/ *$//')"
