# shellcheck shell=bash disable=SC2154 # the variables and functions are those of bench/run, which reads this file
# `make layout`: writes src/layout.ld, which puts next to each other what the commands use of brig's code and constants.

# Where its file is read-only brig has no reason to map itself anew, which would take the breakpoints away.
: >"$work/brig-ro"
mount --bind "$brig" "$work/brig-ro"
mount -o remount,bind,ro "$work/brig-ro"
brig=$work/brig-ro
used=$work/used
use() { "$tools/used_sections" "$tools/brig.map" "$brig" "$used" "$brig" --root /run/brig "$@" </dev/null >/dev/null; }
quietly() { "$brig" --root /run/brig "$@" </dev/null; }

quietly run --bundle "$bundle" c  # compiles the filter, which the others find in the cache
use run --bundle "$bundle" c
# Its init ends with the watcher.
use create --bundle "$bundle" c
use delete --force c
jq '.process.args = ["/bin/sleep", "100000"]' "$bundle/config.json" >"$bundle/sleep.json"
quietly create --config "$bundle/sleep.json" --bundle "$bundle" c
use start c
use exec c /bin/true
use state c
use kill c KILL
use delete --force c

# place SECTION: those of the host's process first, which is the largest.
place() {
  printf 'SECTIONS\n{\n  %s.used :\n  {\n' "$1"
  { grep '^host ' "$used"; grep '^container ' "$used"; } |
    awk -v section="$1" '$2 == section { sub(/^[^ ]* [^ ]* /, ""); if (!seen[$0]++) print "    " $0 }'
  printf '  }\n}\nINSERT BEFORE %s;\n' "$1"
}

cat <<END
/* Written by \`make layout\`: what brig's commands use lies together, in the order of first use, so that the kernel maps
   fewer pages (docs/performance.md). A name that no longer exists costs nothing, a new one is laid behind these. */
END
place .text
place .rodata
