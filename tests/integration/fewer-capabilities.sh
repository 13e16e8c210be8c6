#!/bin/bash
# A brig without CAP_MKNOD binds the host's device nodes, and one without CAP_SYS_CHROOT makes a container too, each
# with all of its mounts.
. "$(dirname "$0")/lib.sh"
need_root

echo volume >"$WORK/volume"
make_bundle few '.linux.maskedPaths = ["/masked"] | .mounts += [{destination: "/volume", type: "bind", source: ($ENV.WORK + "/volume"),
  options: ["rbind", "ro"]}]'
echo hidden >"$BUNDLE/rootfs/masked"
edit_config "$(shell_command 'echo x >/dev/null && head -c 3 /dev/zero | wc -c; cat /volume /masked; ls /
  awk "\$5 == \"/dev/null\" { print \$4 }" /proc/self/mountinfo')"
here=$(ls "$BUNDLE/rootfs")

# without CAPABILITY: what the program prints when brig does not have it.
without() {
  capture setpriv --bounding-set "-$1" --inh-caps "-$1" -- "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" few
  assert_eq "error without $1" "" "$stderr"
  echo "$stdout"
}
with_all() { printf '3\nvolume\n%s\n' "$(printf '%s\nvolume\n' "$here" | sort)"; }
assert_eq "without CAP_SYS_CHROOT" "$(with_all)" "$(without sys_chroot)"
assert_eq "without CAP_MKNOD" "$(with_all)
/null" "$(without mknod)"
