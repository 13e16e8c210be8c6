# shellcheck shell=bash
# What the scripts of this folder share: the bundle of `make bench`, which is a real one of Docker's, on
# a static busybox. It brings ../limits/lib.sh along.
# shellcheck source=tests/vm/limits/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../limits/lib.sh"

# Without the hook, which calls dockerd. The limits are those of `bundle`.
echo 127.0.0.1 localhost >"$work/file"
jq --arg file "$work/file" 'del(.hooks) | (.mounts[] | select(.type == "bind").source) = $file | .hostname = "eb734e69646b" |
  .ociVersion = "1.0.2"' "$top_folder/tests/corpus/docker-default.config.json" >"$work/config.json"

# true_bundle NAME RESOURCES: one whose program is /bin/true.
true_bundle() { bundle "$1" "$2" '' '.process.args = ["/bin/true"]'; }

# failures KIB COUNT MOST: starts so many with so much memory and sets $failed; ends early when more than MOST failed.
# Each has a deadline, because not every runtime notices that the container's process was killed.
failures() {
  local i
  failed=0
  true_bundle small "{memory: {limit: ($1 * 1024)}}"
  for ((i = 1; i <= $2 && failed <= $3; i++)); do
    timeout -k 1 20 "$RUNTIME" --root "$work/root" run --bundle "$work/small" small >"$work/small/out" 2>&1 && continue
    failed=$((failed + 1))
    cp "$work/small/out" "$work/small/last"
    oci delete --force small >/dev/null 2>&1 || true
  done
}
# The pages of its program are the first container's.
warm_up() {
  true_bundle warm '{}'
  oci run --bundle "$work/warm" warm
}
