# shellcheck shell=bash
# What every integration script sources first: `. "$(dirname "$0")/lib.sh"` (README.md shows one).
#
# As root, sourcing starts the script again in a private pid and mount namespace, under a deadline.
# So whatever it starts dies with it, and at its end every process, mount, cgroup and state file
# that is still there was left behind by the runtime: the script then fails and names it.
#
# Environment: BRIG       the binary under test (default: build/brig)
#              RUNTIME    another runtime with the same command line, to check a script against
#              VIEW=v2    run in the pure cgroup v2 view, as after in_pure_v2
#              TRACE=1    print each command
#              DEADLINE   seconds that a script may take (default 60)
set -euo pipefail

tests_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top_folder=$(cd "$tests_folder/../.." && pwd)
BRIG=$(realpath "${BRIG:-$top_folder/build/brig}")
RUNTIME=$(command -v "${RUNTIME:-$BRIG}") || { echo "no runtime: build brig first"; exit 99; }
test_name=$(basename "$0" .sh)

# ---- Outside: the namespaces, the deadline, and what must be gone at the end ------------------------

# Prints the folders of this test's containers in every cgroup hierarchy, deepest first.
list_cgroups() {
  find /sys/fs/cgroup/"$TEST_CGROUP" /sys/fs/cgroup/*/"$TEST_CGROUP" -mindepth 1 -depth -type d \
    2>/dev/null || true
}

supervise() {
  export WORK TEST_CGROUP INSIDE=yes ROOTFS="${BRIG%/*}/tests/rootfs"
  mkdir -p "${ROOTFS%/*}"
  exec 9>"$ROOTFS.lock"
  flock 9
  [ -d "$ROOTFS" ] || "$top_folder/contrib/make-rootfs" "$ROOTFS"
  exec 9>&-
  # Short, since the path of a Unix socket has at most 108 bytes.
  WORK=$(mktemp -d "/tmp/${TEST_PREFIX:-brig-test}.XXXXXX")
  chmod 755 "$WORK"
  TEST_CGROUP=${WORK##*/}
  local status=0
  if [ "$(id -u)" = 0 ]; then
    timeout --foreground -s KILL "${DEADLINE:-60}" \
      unshare --pid --fork --kill-child --mount --mount-proc bash "$0" "$@" || status=$?
  else
    timeout --foreground -s KILL "${DEADLINE:-60}" bash "$0" "$@" || status=$?
  fi
  [ $status != 137 ] || echo "FAIL: $test_name took longer than ${DEADLINE:-60} s"
  # What a script that failed left behind: its processes are dying, so a folder may need a moment.
  local end=$((SECONDS + 5))
  until ! [ -d "$(list_cgroups | head -n 1)" ] || [ $SECONDS -ge $end ]; do
    list_cgroups | xargs -r rmdir 2>/dev/null || sleep 0.02
  done
  rmdir /sys/fs/cgroup/"$TEST_CGROUP" /sys/fs/cgroup/*/"$TEST_CGROUP" 2>/dev/null || true
  rm -rf --one-file-system "$WORK"
  exit $status
}
if [ "${INSIDE:-}" != yes ]; then
  supervise "$@"
fi

# ---- Inside ---------------------------------------------------------------------------------------

unset INSIDE
ROOT=$WORK/root # the runtime's --root
status=0 stdout='' stderr=''
mkdir "$ROOT"
cd "$WORK"

# fail TEXT...: ends the script; the line is the script's own.
fail() {
  local level=0
  while [ "${BASH_SOURCE[level + 1]}" = "${BASH_SOURCE[0]}" ] && [ $((level + 2)) -lt ${#BASH_SOURCE[@]} ]; do
    level=$((level + 1))
  done
  printf 'FAIL: %s:%s: %s\n' "${0##*/}" "${BASH_LINENO[level]}" "$*"
  if [ -n "$stderr" ]; then printf '  stderr of the last command: %s\n' "$stderr"; fi
  failed=yes
  exit 1
}

# skip TEXT...: ends the script as skipped.
skip() {
  echo "SKIP: $test_name: $*"
  exit 77
}

need_root() { [ "$(id -u)" = 0 ] || skip "needs root"; }
need_command() { command -v "$1" >/dev/null || skip "needs $1"; }

# need_controller NAME...: cgroup v2 controllers that the runtime could use here.
need_controller() {
  local name unified=/sys/fs/cgroup
  [ -e $unified/cgroup.controllers ] || unified=/sys/fs/cgroup/unified
  for name; do
    grep -qw "$name" $unified/cgroup.controllers 2>/dev/null ||
      skip "needs the cgroup v2 controller $name (this machine has: $(cat $unified/cgroup.controllers 2>/dev/null))"
  done
}

# From here on /sys/fs/cgroup is a cgroup v2 mount, as on a host without v1. Call it first.
in_pure_v2() {
  need_root
  if [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then
    umount -R /sys/fs/cgroup
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    mounts_before=$(</proc/self/mountinfo)
  fi
}

# need_helper NAME: a program of tests/helpers, which make check builds beside brig. Sets $helper.
need_helper() {
  helper=${BRIG%/*}/tests/helpers/$1
  [ -x "$helper" ] || skip "needs $helper (make check builds it)"
}

# be_user single|with-subordinate-ids: from here on the runtime and `user COMMAND...` run as the unprivileged user
# $USER_ID, who has the subordinate ids 300000 to 365535 for users and 400000 to 465535 for groups;
# `single`: he has none. Bundles for him come from make_user_bundle.
be_user() {
  need_root
  need_command setpriv
  [ "$(</proc/sys/user/max_user_namespaces)" != 0 ] || skip "needs user namespaces"
  local file
  USER_ID=4242
  as_user=(setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups env -u XDG_RUNTIME_DIR HOME="$WORK")
  for file in passwd subuid subgid; do
    [ -e "/etc/$file" ] || skip "needs a file /etc/$file"
    : >"$WORK/$file"
    mount --bind "$WORK/$file" "/etc/$file"
  done
  printf '%s\n' "root:x:0:0::/root:/bin/sh" "brig-tester:x:$USER_ID:$USER_ID::$WORK:/bin/sh" >/etc/passwd
  if [ "$1" != single ]; then
    need_command newuidmap
    echo brig-tester:300000:65536 >/etc/subuid
    echo brig-tester:400000:65536 >/etc/subgid
  fi
  # The build folder may be one that only root can enter.
  : >"$WORK/${RUNTIME##*/}"
  mount --bind "$RUNTIME" "$WORK/${RUNTIME##*/}"
  RUNTIME=$WORK/${RUNTIME##*/}
  chown "$USER_ID:$USER_ID" "$ROOT"
  mounts_before=$(</proc/self/mountinfo)
}
as_user=()
user() { "${as_user[@]}" "$@"; }

# be_delegated: a cgroup of the user's own, which this script moves into. Without controllers.
be_delegated() {
  local unified=/sys/fs/cgroup file
  [ -e $unified/cgroup.procs ] || unified=/sys/fs/cgroup/unified
  delegated=$unified/$TEST_CGROUP
  mkdir "$delegated" "$delegated/script"
  for file in . cgroup.procs cgroup.subtree_control script script/cgroup.procs; do
    chown "$USER_ID:$USER_ID" "$delegated/$file"
  done
  echo $$ >"$delegated/script/cgroup.procs"
}
leave_delegated() {
  [ -n "$delegated" ] || return 0
  echo $$ >"$delegated/../cgroup.procs"
  rmdir "$delegated/script"
}
delegated=''

# be_able_to_stick: from here on `stick PID...` makes processes hang in the kernel (state D), as on a dead file
# server, until `unstick`: not even SIGKILL ends them. They are in $stuck, a cgroup of v1's freezer, which lets no
# signal through, unlike that of v2.
be_able_to_stick() {
  need_root
  stuck=/sys/fs/cgroup/freezer/$TEST_CGROUP
  mkdir "$stuck" 2>/dev/null || { stuck='' && skip "needs the freezer of cgroup v1 at /sys/fs/cgroup/freezer"; }
}
stick() {
  local pid
  for pid; do echo "$pid" >"$stuck/cgroup.procs"; done
  echo FROZEN >"$stuck/freezer.state"
  wait_until grep -qx FROZEN "$stuck/freezer.state"
  assert_eq "state of process $1" D "$(awk '{ print $3 }' "/proc/$1/stat")"
}
unstick() { echo THAWED >"$stuck/freezer.state"; }
remove_stuck() {
  [ -n "$stuck" ] || return 0
  unstick
  wait_until no_processes
  rmdir "$stuck"
}
stuck=''

# ---- Bundles and commands -------------------------------------------------------------------------

# The runtime under test, with a private --root; as the unprivileged user after be_user.
brig() { "${as_user[@]}" "$RUNTIME" --root "$ROOT" "$@"; }

# make_bundle NAME [FILTER [JQ ARGUMENT...]]: a bundle $WORK/NAME with a writable busybox root file
# system; config.json is the runtime's own `spec` without a terminal, changed by the jq FILTER.
# Sets $BUNDLE. Its cgroup is /$TEST_CGROUP/NAME.
make_bundle() {
  BUNDLE=$WORK/$1
  mkdir "$BUNDLE"
  cp -a "$ROOTFS" "$BUNDLE/rootfs"
  (cd "$BUNDLE" && "$RUNTIME" spec)
  edit_config '.process.terminal = false | .root.readonly = false | .linux.cgroupsPath = $path' \
    --arg path "/$TEST_CGROUP/$1"
  shift
  if [ $# != 0 ]; then edit_config "$@"; fi
}

# make_user_bundle NAME [FILTER [JQ ARGUMENT...]]: the same for the user of be_user, from
# `spec --rootless`, and without a cgroup.
make_user_bundle() {
  BUNDLE=$WORK/$1
  mkdir "$BUNDLE"
  cp -a "$ROOTFS" "$BUNDLE/rootfs"
  chown -hR "$USER_ID:$USER_ID" "$BUNDLE"
  (cd "$BUNDLE" && user "$RUNTIME" spec --rootless)
  edit_config '.process.terminal = false | .root.readonly = false'
  shift
  if [ $# != 0 ]; then edit_config "$@"; fi
}

# edit_config FILTER [JQ ARGUMENT...]: changes $BUNDLE/config.json.
edit_config() {
  local filter=$1
  shift
  jq "$@" "$filter" "$BUNDLE/config.json" >"$BUNDLE/config.json.new"
  mv "$BUNDLE/config.json.new" "$BUNDLE/config.json"
}

# shell_command TEXT: the jq filter that makes a bundle's process run TEXT in a shell.
shell_command() {
  printf '.process.args = ["/bin/sh", "-c", %s]' "$(jq -n --arg text "$1" '$text')"
}

# capture COMMAND...: runs it and sets $status, $stdout and $stderr; never fails itself. Files, not
# pipes: a detached container keeps its standard output open.
capture() {
  status=0
  "$@" >"$WORK/stdout" 2>"$WORK/stderr" </dev/null || status=$?
  # shellcheck disable=SC2034 # the scripts read it
  stdout=$(<"$WORK/stdout")
  stderr=$(<"$WORK/stderr")
}

# succeed COMMAND...: captures it and asserts status 0.
succeed() {
  capture "$@"
  [ $status = 0 ] || fail "\`$*' ended with status $status"
}

# refuse TEXT COMMAND...: captures it and asserts that it fails with an error that contains TEXT.
refuse() {
  local text=$1
  shift
  capture "$@"
  [ $status != 0 ] || fail "\`$*' was accepted"
  assert_contains "error of \`$*'" "$text" "$stderr"
}

# refuse_within SECONDS TEXT COMMAND...: refuses it with exactly one line, and in that time.
refuse_within() {
  local limit=$1 start=${EPOCHREALTIME/./} took
  shift
  refuse "$@"
  took=$(((${EPOCHREALTIME/./} - start) / 1000000))
  [ $took -le "$limit" ] || fail "it took $took s instead of at most $limit: ${*:2}"
  assert_eq "lines of the error of \`${*:2}'" 1 "$(grep -c '' <<<"$stderr")"
}

# run_shell NAME TEXT: runs the container NAME of $BUNDLE with TEXT in a shell; must end with 0.
run_shell() {
  edit_config "$(shell_command "$2")"
  succeed brig run --bundle "$BUNDLE" "$1"
}

# start_container NAME: creates NAME from $BUNDLE and starts it.
start_container() {
  succeed brig create --bundle "$BUNDLE" "$1"
  succeed brig start "$1"
}

container_status() { brig state "$1" | jq -r .status; }
container_pid() { brig state "$1" | jq .pid; }
has_status() { [ "$(container_status "$1" 2>/dev/null)" = "$2" ]; }

# wait_until COMMAND...: until it succeeds, at most 30 s (for machines that do much else).
wait_until() {
  local end=$((SECONDS + 30))
  until "$@"; do
    [ $SECONDS -lt $end ] || fail "waited 30 s in vain for: $*"
    sleep 0.02
  done
}

# ---- Assertions -----------------------------------------------------------------------------------

# assert_eq WHAT EXPECTED SEEN
assert_eq() {
  [ "$2" = "$3" ] || fail "$1"$'\n  expected: '"$2"$'\n  seen:     '"$3"
}
# assert_contains WHAT PART SEEN
assert_contains() {
  [[ $3 == *"$2"* ]] || fail "$1"$'\n  expected to contain: '"$2"$'\n  seen: '"$3"
}
# assert_lacks WHAT PART SEEN
assert_lacks() {
  [[ $3 != *"$2"* ]] || fail "$1"$'\n  expected not to contain: '"$2"$'\n  seen: '"$3"
}
# assert_matches WHAT EXTENDED_REGEX SEEN
assert_matches() {
  [[ $3 =~ $2 ]] || fail "$1"$'\n  expected to match: '"$2"$'\n  seen: '"$3"
}
# assert_status EXPECTED: of the last capture.
assert_status() { assert_eq "exit status" "$1" "$status"; }

# ---- The end: nothing may be left -----------------------------------------------------------------

# Prints the processes of this pid namespace except the script itself.
list_processes() {
  local folder line
  for folder in /proc/[1-9]*; do
    [ "$folder" != /proc/$$ ] || continue
    line=''
    { read -r line <"$folder/stat"; } 2>/dev/null || continue
    case ${line##*) } in
      [ZX]*) ;; # Dead: its parent is about to reap it.
      *) echo "  process $line" ;;
    esac
  done
}
no_processes() {
  list_processes >"$WORK/processes"
  [ ! -s "$WORK/processes" ]
}

list_leftovers() {
  local entry
  for entry in "$ROOT"/*; do
    if [ -e "$entry" ]; then echo "  state $entry: $(ls -A "$entry")"; fi
  done
  list_cgroups | sed 's/^/  cgroup /'
  if [ "$mounts_before" != "$(</proc/self/mountinfo)" ]; then
    echo "  mounts (< gone, > new):"
    diff <(echo "$mounts_before") /proc/self/mountinfo | grep '^[<>]' | sed 's/^/    /'
  fi
}

finish() {
  local code=$? leftovers
  set +e +x
  leave_delegated
  remove_stuck
  if [ $code != 0 ] && [ $code != 77 ] && [ "$failed" = no ]; then
    echo "FAIL: ${0##*/}: a command failed with status $code (TRACE=1 shows which)"
    if [ -n "$stderr" ]; then echo "  stderr of the last captured command: $stderr"; fi
    code=1
  fi
  if [ $code = 0 ] && [ "$(id -u)" = 0 ]; then
    # A killed process takes a moment to go; nothing else may need time.
    local end=$((SECONDS + 2))
    until no_processes || [ $SECONDS -ge $end ]; do sleep 0.02; done
    leftovers=$(cat "$WORK/processes"; list_leftovers)
    if [ -n "$leftovers" ]; then
      printf 'FAIL: %s left behind:\n%s\n' "$test_name" "$leftovers"
      code=1
    fi
  fi
  if [ $code = 0 ]; then echo "PASS: $test_name"; fi
  exit $code
}
failed=no
mounts_before=$(</proc/self/mountinfo)
trap finish EXIT
if [ "${VIEW:-}" = v2 ]; then in_pure_v2; fi
if [ -n "${TRACE:-}" ]; then set -x; fi
