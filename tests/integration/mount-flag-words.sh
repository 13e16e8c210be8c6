#!/bin/bash
# Every word of the spec's option table is accepted; each clears what an earlier one set.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle words '.process.args = ["cat", "/proc/self/mountinfo"]'
# mount NAME OPTIONS: adds a tmpfs /NAME
add() { edit_config '.mounts += [{destination: "/\($name)", type: "tmpfs", source: "none", options: ($options / " ")}]' --arg name "$1" --arg options "$2"; }
add cleared "ro rw nosuid suid nodev dev noexec exec sync async dirsync noatime atime relatime defaults"
add strict "strictatime nodiratime mode=700"
add norel "norelatime noatime"
add link "nosymfollow"
add follow "nosymfollow symfollow"
add lazy "lazytime silent"
add eager "lazytime nolazytime loud iversion noiversion mand nomand"
add rec "rnosuid rnodev rnoexec rro"
add unrec "nosuid rsuid nodev rdev noexec rexec ro rrw nodiratime rdiratime nosymfollow rsymfollow"
add times "rnoatime rnodiratime"
add moretimes "rnoatime ratime rrelatime rnorelatime rstrictatime rnostrictatime rnosymfollow"
succeed brig run --bundle "$BUNDLE" words
options_of() { awk -v path="/$1" '$5 == path { print "," $6 ",|," $NF "," }' <<<"$stdout"; }
for name in cleared strict norel link follow lazy eager rec unrec times moretimes; do
  [ -n "$(options_of $name)" ] || fail "/$name is not mounted"
done
for word in ro nosuid nodev noexec nosymfollow noatime; do
  assert_lacks "/cleared" ",$word," "$(options_of cleared)"
  assert_lacks "/unrec" ",$word," "$(options_of unrec)"
done
assert_lacks "/strict" relatime "$(options_of strict)"
assert_contains "/strict" ,nodiratime, "$(options_of strict)"
assert_contains "/strict" ,mode=700, "$(options_of strict)"
assert_contains "/norel" ,noatime, "$(options_of norel)"
assert_contains "/link" ,nosymfollow, "$(options_of link)"
assert_lacks "/follow" nosymfollow "$(options_of follow)"
for word in ro nosuid nodev noexec; do
  assert_contains "/rec" ",$word," "$(options_of rec)"
done
assert_contains "/times" ,noatime, "$(options_of times)"
assert_contains "/moretimes" ,nosymfollow, "$(options_of moretimes)"
