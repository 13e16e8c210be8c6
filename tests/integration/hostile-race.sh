#!/bin/bash
# Whoever exchanges the places of mounts for links while they are made gets nothing on the host
# (CVE-2021-30465, CVE-2024-45310).
. "$(dirname "$0")/lib.sh"
need_root
need_command perl

mkdir outside source
echo mounted >source/file
make_bundle race '.process.args = ["grep", "-cE", " - tmpfs racing |/source(/file)? /", "/proc/self/mountinfo"] | .linux.cgroupsPath = "" |
  .mounts += [
  {destination: "/place/made/deeply", type: "tmpfs", source: "racing"},
  {destination: "/place/file", source: "\($work)/source/file", options: ["bind"]},
  {destination: "/place", source: "\($work)/source", options: ["bind"]}]' --arg work "$WORK"
mkdir "$BUNDLE/rootfs/place"
ln -s "$WORK/outside" "$BUNDLE/rootfs/link"

# As a container with the same volume could: renameat2(2) with RENAME_EXCHANGE, without end.
# shellcheck disable=SC2016 # perl expands them
perl -e 'require "syscall.ph" if 0; my ($a, $b) = @ARGV;
  my %number = (x86_64 => 316, aarch64 => 276); chomp(my $machine = `uname -m`);
  my $call = $number{$machine} or die "no number of renameat2 for $machine";
  while (1) { syscall($call, -100, $a, -100, $b, 2) == 0 or die "renameat2: $!" }' \
  "$BUNDLE/rootfs/place" "$BUNDLE/rootfs/link" &
racer=$!

# Any end is right that leaves the host alone and puts all three mounts into the root file system: a mount may
# be refused because its place has gone.
made=0
for ((round = 0; round < 60; round++)); do
  capture brig --cgroup-manager=disabled run --bundle "$BUNDLE" race
  [ -z "$(ls -A outside)" ] || fail "round $round: made on the host: $(ls -A outside)"
  [ $status = 0 ] || continue
  assert_eq "round $round: mounts in the root file system" 3 "$stdout"
  made=$((made + 1))
done
[ $made -gt 5 ] || fail "only $made of 60 containers were made: the last error is no proof"
kill $racer
wait $racer 2>/dev/null || true
assert_lacks "mounts of the host" "$WORK/outside" "$(</proc/self/mountinfo)"
