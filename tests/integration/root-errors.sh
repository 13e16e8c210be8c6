#!/bin/bash
# root.path: relative to the bundle or absolute; what is no folder is refused, and nothing is left.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle rootpath '.process.args = ["cat", "/marker"]'
echo here >"$BUNDLE/rootfs/marker"
succeed brig run --bundle "$BUNDLE" rootpath
assert_eq relative here "$stdout"
edit_config '.root.path = $path' --arg path "$BUNDLE/rootfs"
succeed brig run --bundle "$BUNDLE" rootpath
assert_eq absolute here "$stdout"
# The bundle folder itself may be named relatively, or be the current one.
cd "$WORK"
succeed brig run --bundle rootpath rootpath
cd "$BUNDLE"
succeed brig run rootpath
assert_eq "in the bundle" here "$stdout"

edit_config '.root.path = "nosuch"'
refuse root.path brig run rootpath
assert_contains error "$BUNDLE/nosuch" "$stderr"
edit_config '.root.path = "rootfs/marker"'
refuse root.path brig run rootpath
edit_config '.root.path = ""'
refuse root.path brig run rootpath
edit_config 'del(.root)'
refuse root brig run rootpath
cd "$WORK"
refuse config.json brig run --bundle "$WORK" rootpath
refuse "no such file or directory" brig run --bundle /no/such/bundle rootpath
