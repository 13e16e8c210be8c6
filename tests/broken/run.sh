# shellcheck shell=bash disable=SC2154 # lib.sh has set them
# Runs the cases of one table in this folder (README.md explains them). The scripts
# tests/integration/broken-*.sh source it with the table's name: . run.sh TABLE
# Environment: CASE=NAME runs this case only.
need_root

# ---- What the snippets in the tables use ----------------------------------------------------------

# Prints the two bytes that name another machine's architecture in an ELF header.
foreign_machine() {
  case $(uname -m) in
    aarch64) printf '\076\000' ;; # x86-64
    *) printf '\267\000' ;;       # AArch64
  esac
}

# The cgroup v2 hierarchy cannot use controller $1: it is missing or bound to a v1 hierarchy.
lacks_controller() {
  ! grep -qsw "$1" /sys/fs/cgroup/cgroup.controllers /sys/fs/cgroup/unified/cgroup.controllers
}

# This process lacks capability number $1.
lacks_capability() {
  local word value
  while read -r word value; do
    [ "$word" != CapEff: ] || break
  done </proc/self/status
  [ $((0x$value >> $1 & 1)) = 0 ]
}

# ---- The tables -----------------------------------------------------------------------------------

# Reads the table into arrays, one element for each case.
names=() filters=() preparations=() befores=() commands=() afters=() conditions=() statuses=() lines=()
read_table() {
  local row i=-1
  while IFS= read -r row; do
    case $row in
      '== '*)
        i=$((i + 1))
        names[i]=${row#== } filters[i]=. preparations[i]='' befores[i]='' afters[i]='' conditions[i]=''
        commands[i]='brig run c' statuses[i]=1 lines[i]='' ;;
      'jq: '*) filters[i]=${row#jq: } ;;
      'sh: '*) preparations[i]=${row#sh: } ;;
      'before: '*) befores[i]=${row#before: } ;;
      'cmd: '*) commands[i]=${row#cmd: } ;;
      'after: '*) afters[i]=${row#after: } ;;
      'only: '*) conditions[i]=${row#only: } ;;
      'status: '*) statuses[i]=${row#status: } ;;
      'line: '*) lines[i]=${row#line: } ;;
      '' | '#'*) ;;
      *) fail "$1: unknown field: $row" ;;
    esac
  done <"$top_folder/tests/broken/$1.cases"
}

# Prints one configuration for each case, each on its line.
write_configurations() {
  local program='' filter
  for filter in "${filters[@]}"; do program+="${program:+, }($filter)"; done
  jq -c --arg bundle "$BUNDLE" "$program" config.json
}

fault() {
  printf 'FAULT: %s: %s\n' "$name" "$*"
  faults=$((faults + 1))
}

# The line of case $1 as a bash pattern in $pattern, with its {words} replaced.
pattern_of() {
  local text=${lines[$1]} part
  text=${text//'{bundle}'/$BUNDLE}
  text=${text//'{cgroup}'/$TEST_CGROUP}
  pattern=''
  while [[ $text == *'{any}'* ]]; do
    part=${text%%'{any}'*}
    printf -v part %q "$part"
    pattern+="$part*"
    text=${text#*'{any}'}
  done
  printf -v part %q "$text"
  [ -n "$text" ] || part=''
  pattern+=$part
}

# The text of the last command's line on standard error in $text, after "warning: " if it is none of
# an error. Fails when it is not one line in the form of the log.
read_line() {
  local form='^time="[0-9-]+T[0-9:.]+Z" level=([a-z]+) msg="(.*)"$'
  [[ $stderr != *$'\n'* && $stderr =~ $form ]] || return 1
  text=${BASH_REMATCH[2]//'\"'/'"'}
  # shellcheck disable=SC1003
  text=${text//'\\'/'\'}
  [ "${BASH_REMATCH[1]}" = error ] || text="${BASH_REMATCH[1]}: $text"
}

check_case() {
  local i=$1 pattern text=''
  [ "$status" = "${statuses[i]}" ] || fault "status $status, expected ${statuses[i]}"
  pattern_of "$i"
  if ! read_line; then
    fault "not one line on standard error:"$'\n'"$stderr"
  elif ! eval "[[ \$text == $pattern ]]"; then
    fault $'\n  expected: '"${lines[i]}"$'\n  seen:     '"$text"
  fi
  [ -z "$stdout" ] || fault "printed to standard output: $stdout"
}

run_case() {
  local i=$1 left end
  if [ -n "${conditions[i]}" ] && ! eval "${conditions[i]}"; then
    echo "not on this machine: $name"
    return
  fi
  rm -rf config.json
  printf '%s\n' "${configurations[i]}" >config.json
  eval "${preparations[i]}"
  eval "${befores[i]}" </dev/null >"$WORK/output" 2>&1 || fault "before: $(<"$WORK/output")"
  eval "capture ${commands[i]}"
  check_case "$i"
  stdout='' stderr=''
  eval "${afters[i]}" </dev/null >"$WORK/output" 2>&1 || fault "after: $(<"$WORK/output")"
  end=$((SECONDS + 5))
  until no_processes || [ $SECONDS -ge $end ]; do sleep 0.01; done
  left=$(cat "$WORK/processes"; list_leftovers)
  if [ -n "$left" ]; then
    fault "left behind"$'\n'"$left"
    # The next cases must not suffer from it.
    brig delete --force c >/dev/null 2>&1 || true
    rm -rf "${ROOT:?}"/*
  fi
}

run_table() {
  local i
  faults=0 ran=0
  read_table "$1"
  make_bundle c '.process.args = ["/bin/true"]'
  cd "$BUNDLE" || return
  mapfile -t configurations < <(write_configurations)
  assert_eq "configurations made" ${#names[@]} ${#configurations[@]}
  for ((i = 0; i < ${#names[@]}; i++)); do
    name=${names[i]}
    if [ "${CASE:-$name}" = "$name" ]; then
      run_case $i
      ran=$((ran + 1))
    fi
  done
  echo "$ran cases, $faults faults"
  cd "$WORK" || return
  [ $faults = 0 ] || fail "$faults faults in $1.cases"
}
run_table "$1"
