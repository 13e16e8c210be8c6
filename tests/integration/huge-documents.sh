#!/bin/bash
# Documents of any size end in one short line, in bounded time and memory.
. "$(dirname "$0")/lib.sh"
need_root
need_command perl

make_bundle huge '.process.args = ["/bin/sleep", "1000"]'
cp "$BUNDLE/config.json" original.json
start_container huge

# within COMMAND...: with a gigabyte of addresses, which is too little for a sanitized program, and far less
# time than anything takes that grows with the square of a document.
limit=1000000
! grep -q __asan_init "$RUNTIME" || limit=unlimited
within() { (ulimit -v $limit && exec timeout 30 "$@"); }

# config TEXT [COUNT [REPEATED]]: config.json becomes the original with TEXT before its last brace, which
# has REPEATED COUNT times in place of @.
config() {
  # shellcheck disable=SC2016 # perl expands them
  perl -e '($text, $count, $repeated) = @ARGV; local $/; $_ = <STDIN>; s/\}\s*$//; print;
    ($start, $end) = split /@/, $text; print ",$start", $repeated x $count, "$end}"' \
    "$1" "${2:-0}" "${3:-}" <original.json >"$BUNDLE/config.json"
}
# refused PATTERN COMMAND...
refused() {
  local pattern=$1
  shift
  capture within "$@"
  [ $status != 0 ] || fail "it was accepted: $*"
  [ $status -lt 124 ] || [ $status = 255 ] || fail "status $status: out of time or memory: $*"
  assert_matches "error" "$pattern" "$stderr"
  assert_eq "lines" 1 "$(wc -l <"$WORK/stderr")"
  [ ${#stderr} -lt 9000 ] || fail "a line of ${#stderr} bytes"
}
create=("$RUNTIME" --root "$ROOT" --cgroup-manager=disabled create --bundle "$BUNDLE" other)

# 100 MB.
perl -e 'print "{\"ociVersion\":\"", "x" x 100e6, "\"}"' >"$BUNDLE/config.json"
refused "read $BUNDLE/config.json: file too large: it may have at most 16 MiB" "${create[@]}"
refused 'file too large: it may have at most 16 MiB' "$RUNTIME" --root "$ROOT" exec --process "$BUNDLE/config.json" huge
refused 'file too large: it may have at most 16 MiB' "$RUNTIME" --root "$ROOT" update --resources "$BUNDLE/config.json" huge

# As large as may be: a million faults, of which twenty are told.
config '"linux":{"namespaces":[{"type":"mount"}@]}' 500000 ',{"type":"mount"}'
refused 'namespaces\[19\].type: mount is already in linux.namespaces\[0\]; and 499981 more problems"$' "${create[@]}"
config '"process":{"cwd":"/","args":["a"],"rlimits":[{"type":"RLIMIT_CORE","soft":2,"hard":1}@]}' 250000 ',{"type":"RLIMIT_CORE","soft":2,"hard":1}'
refused 'and 499981 more problems"$' "${create[@]}"
# A word that is named is not shown whole.
config '"linux":{"rootfsPropagation":"@"}' 15000000 x
refused 'linux.rootfsPropagation: unknown value .*bytes left out.*rprivate' "${create[@]}"
# Of a name that is there a million times, the last one counts.
config '"root":{"path":"first"}@,"root":{"path":"last"}' 600000 ',"root":{"path":"x"}'
refused 'open root.path .*/last: no such file or directory' "${create[@]}"
# What would take time that grows with the square.
config '"hostname":"","linux":{"namespaces":[{"type":"mount"}],"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"action":"SCMP_ACT_ERRNO","names":["read"@]}]}}' 1500000 ',"read"'
refused 'linux.seccomp.syscalls: 1500001 system calls and tests of arguments, but a filter cannot hold more' "${create[@]}"
succeed brig delete --force huge
