#!/bin/bash
# `list` shows all containers of --root, as a table, as JSON, or their names only.
. "$(dirname "$0")/lib.sh"
need_root

succeed brig list
assert_eq "header" "ID PID STATUS BUNDLE CREATED OWNER" "$(xargs <<<"$stdout")"
succeed brig list --format json
assert_matches "empty list as JSON" '^(null|\[\])$' "$stdout"
succeed brig list --quiet
assert_eq "names" "" "$stdout"

make_bundle one "$(shell_command 'exec sleep 1000')"
edit_config '.annotations = {key: "value"}'
start_container one
one=$BUNDLE pid=$(container_pid one)
make_bundle two
succeed brig create --bundle "$BUNDLE" two
make_bundle three
succeed brig create --bundle "$BUNDLE" three
succeed brig kill three KILL
wait_until has_status three stopped

succeed brig list -f json
assert_eq "as JSON" "one running $pid
three stopped 0
two created $(container_pid two)" "$(jq -r 'sort_by(.id)[] | "\(.id) \(.status) \(.pid)"' <<<"$stdout")"
assert_eq "one line" 1 "$(wc -l <"$WORK/stdout")"
assert_eq "the same as state" "$(brig state one | jq -cS 'del(.owner)')" "$(jq -cS '.[] | select(.id == "one") | del(.owner)' <<<"$stdout")"
assert_eq "owner" root "$(jq -r '.[0].owner' <<<"$stdout")"
succeed brig list
assert_matches "line of one" "one +$pid +running +$one +[0-9]{4}-[0-9T:.-]+Z +root" "$stdout"
assert_matches "line of three" "three +0 +stopped +" "$stdout"
succeed brig list -q
assert_eq "names" $'one\nthree\ntwo' "$(sort <<<"$stdout")"
refuse "" brig list --format yaml
for id in one two three; do succeed brig delete --force $id; done

refuse "/no/such/root" "$RUNTIME" --root /no/such/root list
