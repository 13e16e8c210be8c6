#!/bin/bash
# linux.rootfsPropagation is the propagation of /; nothing mounted inside is seen on the host by default.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle rootprop '.process.args = ["awk", "$5 == \"/\" { for (i = 7; $i != \"-\"; i++) print $i }", "/proc/self/mountinfo"]'
seen_with() {
  edit_config '.linux.rootfsPropagation = $value' --arg value "$1"
  succeed brig run --bundle "$BUNDLE" rootprop
  sed 's/:[0-9]*//g' "$WORK/stdout" | xargs
}
assert_contains shared shared "$(seen_with shared)"
assert_contains rshared shared "$(seen_with rshared)"
assert_lacks private shared "$(seen_with private)"
assert_lacks rprivate master "$(seen_with rprivate)"
assert_eq unbindable unbindable "$(seen_with unbindable)"
assert_lacks slave shared "$(seen_with slave)"
edit_config 'del(.linux.rootfsPropagation)'
succeed brig run --bundle "$BUNDLE" rootprop
assert_lacks default shared "$stdout"
edit_config '.linux.rootfsPropagation = "public"'
refuse linux.rootfsPropagation brig create --bundle "$BUNDLE" rootprop
