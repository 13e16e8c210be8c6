#!/bin/bash
# The program gets exactly process.env, and HOME from the container's passwd file where env has none.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle env '.process.args = ["/bin/env"] |
  .process.env = ["PATH=/bin", "B=two words", "A=with=sign", "EMPTY="]'
export LEAKED_FROM_CALLER=yes
succeed brig run --bundle "$BUNDLE" env
assert_eq "environment" $'PATH=/bin\nB=two words\nA=with=sign\nEMPTY=\nHOME=/root' "$stdout"

# HOME of another user, of one without an entry, and one that is set or empty in env.
edit_config '.process.user = {uid: 1000, gid: 1000} | .process.env = ["PATH=/bin"]'
succeed brig run --bundle "$BUNDLE" env
assert_contains "HOME of uid 1000" HOME=/home "$stdout"
edit_config '.process.user = {uid: 4242, gid: 4242}'
succeed brig run --bundle "$BUNDLE" env
assert_eq "HOME of uid 4242" $'PATH=/bin\nHOME=/' "$stdout"
edit_config '.process.user = {uid: 0, gid: 0} | .process.env += ["HOME=/own"]'
succeed brig run --bundle "$BUNDLE" env
assert_eq "HOME of env" $'PATH=/bin\nHOME=/own' "$stdout"
edit_config '.process.env = ["PATH=/bin", "HOME="]'
succeed brig run --bundle "$BUNDLE" env
assert_contains "empty HOME" HOME=/root "$stdout"

# The program is looked up in the PATH of env, not the caller's.
edit_config '.process.args = ["env"] | .process.env = ["PATH=/nowhere"]'
refuse 'env\": executable file not found in $PATH' brig run --bundle "$BUNDLE" env
