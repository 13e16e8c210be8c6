#!/bin/bash
# How args[0] becomes a program: by PATH without a slash, relative to cwd with one; the rest are its arguments.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle lookup
mkdir -p "$BUNDLE/rootfs/opt/bin" "$BUNDLE/rootfs/opt/first/tool"
printf '#!/bin/sh\necho tool "$#" "$@"\n' >"$BUNDLE/rootfs/opt/bin/tool"
chmod 755 "$BUNDLE/rootfs/opt/bin/tool"
printf 'not executable' >"$BUNDLE/rootfs/opt/plain"
# Folders and files that cannot be executed are passed over in PATH.
edit_config '.process.args = ["tool", "a b", ""] | .process.env = ["PATH=/opt/first:/nosuch:/opt/bin:/bin"]'
succeed brig run --bundle "$BUNDLE" lookup
assert_eq "by PATH" "tool 2 a b " "$stdout"
edit_config '.process.args = ["./tool"] | .process.cwd = "/opt/bin"'
succeed brig run --bundle "$BUNDLE" lookup
assert_eq "relative to cwd" "tool 0" "$stdout"
edit_config '.process.args = ["/opt/plain"]'
refuse "ermission denied" brig run --bundle "$BUNDLE" lookup
edit_config '.process.args = ["/opt"]'
refuse "" brig run --bundle "$BUNDLE" lookup
assert_matches "a folder" 'permission denied' "${stderr,,}"
edit_config '.process.args = []'
refuse process.args brig run --bundle "$BUNDLE" lookup
edit_config 'del(.process)'
succeed brig create --bundle "$BUNDLE" lookup
refuse process brig start lookup
succeed brig delete --force lookup
