#!/bin/bash
# Propagation options of binds, seen in mountinfo and by what the host sees of mounts made inside.
. "$(dirname "$0")/lib.sh"
need_root

# A shared mount of the test's own, in a mount namespace that ends with the script's part.
cat >inner.sh <<'END'
set -e
mount -t tmpfs source "$1/source"
mount --make-shared "$1/source"
mkdir "$1/source/point"
shift
"$@"
grep -c "/source/point " /proc/self/mountinfo || true
END
mkdir source
make_bundle propagation '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"]) |
  .mounts += [{destination: "/x", source: $source, options: ["rbind"]}]' --arg source "$WORK/source"
edit_config "$(shell_command "sed -n 's|.* /x [^ ]* \\(.*\\) - .*|\\1|p' /proc/self/mountinfo; mount -t tmpfs made /x/point")"
# seen_with OPTION: the optional fields inside, then how many mounts the host got.
seen_with() {
  edit_config '.mounts[-1].options = ["rbind", $option]' --arg option "$1"
  succeed unshare -m bash inner.sh "$WORK" "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" propagation
  sed 's/:[0-9]*//g' "$WORK/stdout" | xargs
}
assert_eq rprivate "0" "$(seen_with rprivate)"
assert_eq private "0" "$(seen_with private)"
assert_eq rslave "master 0" "$(seen_with rslave)"
assert_eq slave "master 0" "$(seen_with slave)"
assert_eq rshared "shared master 0" "$(seen_with rshared)"
assert_eq shared "shared master 0" "$(seen_with shared)"
assert_eq unbindable "unbindable 0" "$(seen_with unbindable)"
assert_eq runbindable "unbindable 0" "$(seen_with runbindable)"
# As Docker configures a volume that is to give mounts back to the host.
edit_config '.linux.rootfsPropagation = "rshared"'
assert_eq "rshared in a shared root" "shared 1" "$(seen_with rshared)"
assert_matches "rslave in a shared root" "master 0$" "$(seen_with rslave)"
