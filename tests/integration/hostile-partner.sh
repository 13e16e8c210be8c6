#!/bin/bash
# A partner container that exchanges files of a shared volume, even of a shared /dev, does not turn masks
# into binds (CVE-2025-31133), nor does what it does reach the host.
. "$(dirname "$0")/lib.sh"
need_root

mkdir volume volume/folder dev
echo secret >volume/file
mknod -m 666 dev/good c 1 3
make_bundle partner "$(shell_command 'cd /dev-shared; while :; do
    ln -s /secret link; mv -f link null; ln good new; mv -f new null
    ln -s /secret /volume/link; mv -f /volume/link /volume/swapped; echo >/volume/new; mv -f /volume/new /volume/swapped
  done')"
edit_config '.mounts += [{destination: "/volume", source: "\($work)/volume", options: ["bind"]},
  {destination: "/dev-shared", source: "\($work)/dev", options: ["bind", "dev"]}]' --arg work "$WORK"
start_container partner
wait_until test -e dev/null
wait_until test -e volume/swapped

make_bundle victim '.mounts = [.mounts[0], {destination: "/volume", source: "\($work)/volume", options: ["bind"]},
    {destination: "/dev", source: "\($work)/dev", options: ["bind", "dev"]}] | .linux.readonlyPaths = ["/volume/swapped"] |
  .linux.maskedPaths = ["/volume/file", "/volume/folder", "/volume/swapped"]' --arg work "$WORK"
echo other >"$BUNDLE/rootfs/secret"
edit_config "$(shell_command 'cat /volume/file; stat -c "%F" /volume/file; echo x >/volume/file; exit 0')"
for ((round = 0; round < 25; round++)); do
  # What is exchanged may have gone in the moment that it is masked.
  capture brig run --bundle "$BUNDLE" victim
  [ $status != 0 ] || assert_eq "round $round: the masked file" "character special file" "$stdout"
  assert_eq "round $round: what the mask would be bound from" other "$(<"$BUNDLE/rootfs/secret")"
  assert_eq "round $round: the host's file" secret "$(<volume/file)"
done
succeed brig delete --force partner
