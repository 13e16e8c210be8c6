#!/bin/bash
# process.cwd is where the program starts; it is made where it is missing.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle cwd '.process.args = ["pwd"] | .process.cwd = "/home"'
succeed brig run --bundle "$BUNDLE" cwd
assert_eq "existing folder" /home "$stdout"

edit_config '.process.cwd = "/made/for/it"'
succeed brig run --bundle "$BUNDLE" cwd
assert_eq "missing folder" /made/for/it "$stdout"
assert_eq "mode and owner of the made folder" "755 0:0" \
  "$(stat -c '%a %u:%g' "$BUNDLE/rootfs/made/for/it")"

# A link out of the root file system leads to a place inside it.
ln -s "$WORK" "$BUNDLE/rootfs/escape"
edit_config '.process.cwd = "/escape"'
succeed brig run --bundle "$BUNDLE" cwd
assert_eq "through a link" "$WORK" "$stdout"
[ -d "$BUNDLE/rootfs$WORK" ] || fail "the target of the link was not made in the root file system"

touch "$BUNDLE/rootfs/file"
edit_config '.process.cwd = "/file"'
refuse process.cwd brig run --bundle "$BUNDLE" cwd
assert_contains "error" "not a directory" "${stderr,,}"
edit_config '.process.cwd = "relative"'
refuse process.cwd brig run --bundle "$BUNDLE" cwd
edit_config '.process.cwd = "/proc/self/fd/3"'
capture brig run --bundle "$BUNDLE" cwd
[ $status != 0 ] || fail "a leaked descriptor can be a working directory"
