#!/bin/bash
# Ten thousand containers: list is complete in a second or two, tells each broken record, and reads no more than the
# names need for --quiet.
DEADLINE=${DEADLINE:-120}
. "$(dirname "$0")/lib.sh"
need_root
need_command perl
need_command strace

make_bundle c "$(shell_command 'exec sleep 1000')"
count=10000
mkdir many
mount -t tmpfs -o nr_inodes=100000 tmpfs many
mounts_before=$(</proc/self/mountinfo)
# Half of them with the number of a process that others have by now.
# shellcheck disable=SC2016 # perl expands them
perl -e 'my ($count, $pid) = @ARGV; for my $i (0 .. $count - 1) { mkdir("many/c$i", 0711) or die; open(my $f, ">", "many/c$i/state.json") or die;
  printf $f q({"version":1,"id":"c%d","pid":%d,"startTime":5,"bundle":"/b","rootfs":"/b/rootfs","created":"2026-01-01T00:00:00.000000000Z",) .
    q("owner":%d,"cgroupPath":"/no/such/%d","namespaces":[],"noNewKeyring":false}), $i, $i % 2 * $pid, $i % 50, $i }' $count $$
: >many/c77/state.json
rm many/c78/state.json # An abandoned folder is none.
wanted=$(seq 0 $((count - 1)) | grep -vx '77\|78' | sed 's/^/c/' | LC_ALL=C sort)
many=("$RUNTIME" --root "$WORK/many")

# in_time COMMAND...: in less processor time than anybody would notice; it waits for nothing.
in_time() {
  local TIMEFORMAT='%U %S' took
  { time succeed "$@" 2>&7; } 7>&2 2>took
  took=$(awk '{ printf "%d", ($1 + $2) * 1000 }' took)
  echo "$took ms: ${*:4}"
  [ "$took" -lt 2000 ] || fail "$took ms: $*"
  assert_eq "lines on standard error" 1 "$(grep -c '' <<<"$stderr")"
  assert_contains "warning" "container c77: state.json: the record of the container is damaged: it is empty" "$stderr"
}
in_time "${many[@]}" list
assert_eq "table" "$wanted" "$(tail -n +2 <<<"$stdout" | cut -d ' ' -f 1)"
assert_eq "owners" "$(awk -F : '$3 < 50 { print $1 }' /etc/passwd | LC_ALL=C sort -u)" \
  "$(tail -n +2 <<<"$stdout" | awk '{ print $NF }' | grep -v '^#' | LC_ALL=C sort -u)"
in_time "${many[@]}" list --format json
assert_eq "JSON" "$wanted" "$(jq -r '.[].id' <<<"$stdout")"
assert_eq "statuses" stopped "$(jq -r '.[].status' <<<"$stdout" | uniq)"
in_time "${many[@]}" list --quiet
assert_eq "names" "$wanted" "$stdout"
succeed "${many[@]}" delete --force --regex '^c99[0-9][0-9]$'
assert_eq "those that are left" $((count - 102)) "$("${many[@]}" list --quiet 2>/dev/null | wc -l)"

# What it looks at. LeakSanitizer, which is in some builds, does not work below strace.
looks_at() {
  ASAN_OPTIONS=detect_leaks=0 strace -o trace -e trace=openat,pidfd_open "${many[@]}" "$@" >/dev/null 2>&1
}
if strace -qq true 2>/dev/null; then
  looks_at list
  assert_eq "times that list reads /etc/passwd" 1 "$(grep -c '"/etc/passwd"' trace)"
  looks_at list --quiet
  assert_eq "processes that list --quiet looks at" 0 "$(grep -c 'pidfd_open\|/proc/\|cgroup\|fifo\|passwd' trace || true)"
else
  echo "not looked at: strace may not trace here"
fi

# What a container costs is nobody else's matter.
ROOT=$WORK/many
start_container c
succeed brig exec c true
succeed brig delete --force c
ROOT=$WORK/root
umount many
mounts_before=$(</proc/self/mountinfo)
