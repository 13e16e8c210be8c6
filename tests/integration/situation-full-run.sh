#!/bin/bash
# --root on a file system that is full: a create fails with one line and leaves nothing, however much still fits;
# containers that exist can be used and deleted.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle c "$(shell_command 'exec sleep 1000')"
edit_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW"}'
full=$ROOT
mount -t tmpfs -o size=1m tmpfs "$full"
mounts_before=$(</proc/self/mountinfo)

# nothing_left WHAT
nothing_left() {
  assert_eq "$1: state" "" "$(find "$full" -mindepth 1 -not -path "$full/.seccomp*" -not -name filler)"
  assert_eq "$1: cgroups" "" "$(list_cgroups)"
  wait_until no_processes
}
# create_or_nothing WHAT: tries to create; sets $made.
create_or_nothing() {
  made=no
  capture brig create --bundle "$BUNDLE" c
  if [ $status = 0 ]; then
    made=yes
    return
  fi
  assert_eq "$1: status" 1 "$status"
  assert_contains "$1: error" "o space left on device" "$stderr"
  assert_eq "$1: lines" 1 "$(grep -c '' <<<"$stderr")"
  nothing_left "$1"
}

# Of blocks, then of inodes: from none on, until one is enough.
free_blocks() {
  local size
  dd if=/dev/zero of="$full/filler" bs=4096 status=none 2>/dev/null || true
  size=$(stat -c %s "$full/filler")
  truncate -s $((size - $1 * 4096)) "$full/filler"
}
free_inodes() { mount -o remount,nr_inodes=$((used + $1)) "$full"; }
# create_with_more BLOCKS-OR-INODES: frees one more each time, until a container is made.
create_with_more() {
  local free
  for ((free = 0; free < 32; free++)); do
    "free_$1" $free
    create_or_nothing "$free $1"
    [ $made = no ] || break
  done
  assert_eq "made in the end" yes "$made"
  [ $free -gt 1 ] || fail "it was never full: made with $free $1"
}
create_with_more blocks

# The container exists, and nothing fits any more.
dd if=/dev/zero bs=4096 status=none >>"$full/filler" 2>/dev/null || true
assert_eq "status" created "$(container_status c)"
succeed brig start c
succeed brig exec c true
succeed brig list
assert_contains "list" running "$stdout"
succeed brig kill c KILL
wait_until has_status c stopped
succeed brig delete c
nothing_left "deleted"
rm "$full/filler"

used=$(find "$full" | wc -l)
create_with_more inodes
succeed brig delete --force c
nothing_left "deleted"

# A pid file that does not fit takes the container with it.
mkdir small
mount -t tmpfs -o size=4k tmpfs small
echo x >small/filler
refuse_within 20 "write the pid file $WORK/small/pid: no space left on device" brig create --bundle "$BUNDLE" --pid-file "$WORK/small/pid" c
mount -o remount,nr_inodes=0,size=1m "$full"
refuse_within 20 "write the pid file $WORK/small/pid: no space left on device" brig create --bundle "$BUNDLE" --pid-file "$WORK/small/pid" c
assert_eq "files beside the pid file" filler "$(ls -A small)"
nothing_left "no pid file"
succeed brig create --bundle "$BUNDLE" c
succeed brig delete --force c
umount small "$full"
mounts_before=$(</proc/self/mountinfo)
