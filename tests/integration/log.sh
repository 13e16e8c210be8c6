#!/bin/bash
# --log FILE gets the messages, as text or one JSON object a line, with a time that callers can parse.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle log '.process.args = ["/no/such/program \"x\"\n"]'
capture brig --log "$WORK/json" --log-format json run --bundle "$BUNDLE" log
assert_eq "status" 1 "$status"
assert_eq "objects" 1 "$(jq -s length json)"
assert_eq "level" error "$(jq -r .level json)"
assert_matches "message" '/no/such/program' "$(jq -r .msg json)"
assert_matches "time" '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$' "$(jq -r .time json)"
# People see it as well.
assert_contains "standard error" "no such file or directory" "${stderr,,}"

# Appended; -flag and --flag=value are the same.
capture brig -log="$WORK/json" -log-format=json state nosuch
assert_eq "objects" 2 "$(jq -s length json)"
assert_contains "message" "does not exist" "$(jq -rs '.[1].msg' json)"

capture brig --log "$WORK/text" state nosuch
assert_matches "text" '^time="?[0-9T:.+Z-]+"? level=error msg=".*does not exist: nosuch"$' "$(<text)"
edit_config '.process.args = ["true"] | .process.capabilities.bounding += ["CAP_OF_TOMORROW"]'
# Podman reads the whole file as one object: nothing for a success, and only the error for a failure.
succeed brig --log "$WORK/quiet" --log-format json run --bundle "$BUNDLE" log
assert_eq "errors in the log of a success" "" "$(jq -r 'select(.level == "error")' quiet)"
succeed brig --debug --log "$WORK/debug" run --bundle "$BUNDLE" log
[ -e debug ] || fail "no debug log"
refuse log-format brig --log-format yaml list
refuse /no/such/log brig --log /no/such/log list
