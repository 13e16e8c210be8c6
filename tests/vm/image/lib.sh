# shellcheck shell=bash
# What the build scripts of this folder share: Debian packages of any suite, from the mirror that this
# machine's own apt uses, without touching its package lists or installing anything.

# die TEXT...
die() {
  echo "brig vm: $*" >&2
  exit 1
}

# The archive that this machine's apt takes the suite "$VERSION_CODENAME" from, e.g. http://HOST/debian.
# apt itself reads its sources here, whichever of the two formats they are in.
debian_mirror() {
  local codename uri suite component
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  while read -r uri suite component; do
    if [ "$suite" = "$codename" ] && [ "$component" = main ]; then
      echo "${uri%/}"
      return
    fi
  done < <(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages')
  die "no Debian archive in this machine's apt sources (looked for the component main of \"$codename\")"
}

# use_suite SUITE FOLDER [STATUS]: from here on apt-get and apt-cache know that suite only. Their state
# is in FOLDER. STATUS is the dpkg status file that says what counts as installed (default: nothing).
# An old mirror's or sid's Release file may be past its date, which says nothing about its signature.
use_suite() {
  local folder=$2 status=${3:-$2/status}
  mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
  [ -n "${3:-}" ] || : >"$status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(debian_mirror) $1 main" \
    >"$folder/sources.list"
  cat >"$folder/apt.conf" <<END
Dir::State "$folder";
Dir::State::lists "$folder/lists";
Dir::State::status "$status";
Dir::Cache "$folder/cache";
Dir::Etc::sourcelist "$folder/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
END
  export APT_CONFIG=$folder/apt.conf
  apt-get -q update
}

# depends PACKAGE: the names of the packages that it depends on.
depends() {
  apt-cache depends --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
    --no-enhances "$1" | sed -n 's/^ *|*\(Pre\)\{0,1\}Depends: \([^<]*\)$/\2/p'
}
