# shellcheck shell=bash disable=SC2154 # the script sets what is below
# What the scripts share that prove that tests can fail: a mutant is brig with one deliberate defect, made by a
# sed program on one source file, or on several. It is built in an overlay over the source tree that only the script's
# mount namespace has, and only what depends on the file is compiled: the tree stays as it is, and no test
# hook is needed in brig. Needs root.
#
# The script sets $top (the source tree), $work (a folder for the mutants), $mutations (a table: one
# mutation a line, columns separated by |, the first is its name) and $wanted (names; all when empty).

die() {
  echo "mutations: $*" >&2
  exit 1
}

# each FUNCTION: calls it with the columns of each wanted mutation.
each() {
  local line i columns
  while IFS= read -r line; do
    [ -n "$line" ] || continue
    IFS='|' read -r -a columns <<<"$line"
    for i in "${!columns[@]}"; do
      columns[i]=${columns[i]#"${columns[i]%%[! ]*}"}
      columns[i]=${columns[i]%"${columns[i]##*[! ]}"}
    done
    if [ ${#wanted[@]} = 0 ] || [[ " ${wanted[*]} " == *" ${columns[0]} "* ]]; then
      "$1" "${columns[@]}"
    fi
  done <<<"${mutations:?}"
}

# In a mount namespace of its own, started by build_mutant.
mutate() {
  local folder=$1 file program=$3
  mount -t tmpfs tmpfs /mnt
  mkdir /mnt/upper /mnt/work
  mount -t overlay -o "lowerdir=$top,upperdir=/mnt/upper,workdir=/mnt/work" overlay "$top"
  cd "$top" || return
  for file in $2; do
    sed "$program" "$file" >/mnt/mutant
    ! cmp -s /mnt/mutant "$file" || { echo "the sed program changes nothing in $file"; return 1; }
    diff -u "$file" /mnt/mutant >>"$folder/diff" || true
    cp /mnt/mutant "$file"
  done
  make --no-print-directory -C build brig
  strip -o "$folder/brig" build/brig
}

# build_mutant NAME FILES PROGRAM: $work/NAME/brig, and what was changed in $work/NAME/diff.
build_mutant() {
  mkdir -p "$work/$1"
  rm -f "$work/$1"/*
  export -f mutate
  export top
  unshare --mount --propagation private bash -ec 'mutate "$@"' - "$work/$1" "$2" "$3" >"$work/$1/build" 2>&1 </dev/null || {
    tail -n 5 "$work/$1/build"
    die "$1: the mutant cannot be built"
  }
}

# build_unchanged TARGET...: $work/brig, and what else the tests need.
build_unchanged() {
  [ -x "$top/build/brig" ] || die "build/brig is missing: build it first"
  make --no-print-directory -C "$top/build" brig "$@" >"$work/build" 2>&1 || {
    tail -n 5 "$work/build"
    die "the unchanged brig cannot be built"
  }
  strip -o "$work/brig" "$top/build/brig"
}
