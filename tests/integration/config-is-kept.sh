#!/bin/bash
# Once created, a container does not depend on its bundle's config.json, nor on the caller's folder.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle kept "$(shell_command 'echo first >>/out; exec sleep 1000')"
edit_config '.process.env += ["KEY=first"] | .annotations = {key: "first"}'
cd "$BUNDLE"
succeed brig create kept
edit_config '.process.args = ["sh", "-c", "echo second >>/out"] | .process.env = ["KEY=second"] | .annotations = {key: "second"}'
cd /
succeed brig start kept
wait_until test -s "$BUNDLE/rootfs/out"
assert_eq "the program" first "$(<"$BUNDLE/rootfs/out")"
assert_eq "annotation" first "$(brig state kept | jq -r .annotations.key)"
succeed brig exec kept sh -c 'echo $KEY'
assert_eq "environment of exec" first "$stdout"
rm "$BUNDLE/config.json"
assert_eq "status" running "$(container_status kept)"
succeed brig kill kept KILL
wait_until has_status kept stopped
# Even without the bundle.
mv "$BUNDLE" "$WORK/moved"
assert_eq "status" stopped "$(container_status kept)"
succeed brig delete kept
