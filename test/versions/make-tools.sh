#!/bin/sh
# Puts the nft and conntrack of another Debian release into a folder, with the libraries that they were made for:
#   sh test/versions/make-tools.sh SUITE FOLDER
# They are taken from the mirror that this machine's own apt uses, and are neither installed nor do they touch what is.
# FOLDER/bin then holds an nft and a conntrack that run with their own C library. A second run does nothing.
set -eu

suite=$1
folder=$2
[ ! -e "$folder/bin/conntrack" ] || exit 0

fail() {
  echo "versions: $1" >&2
  exit 1
}

command -v apt-get >/dev/null || fail 'not Debian: there is no apt-get'
own=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
mirror=$(apt-get indextargets --format '$(REPO_URI)' "Codename: $own" "Created-By: Packages" 2>/dev/null | grep -v security | head -n 1)
[ -n "$mirror" ] || fail "apt knows no mirror of $own"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/packages"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$work/sources.list"
: >"$work/status"
apt() {
  command="$1"
  shift
  "$command" -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State::Lists="$work/lists" -o Dir::State::Status="$work/status" -o Dir::Cache="$work" \
    -o Dir::Cache::Archives="$work/archives" -o APT::Sandbox::User=root "$@"
}
apt apt-get update >&2 || fail "the packages of $suite cannot be had"
apt apt-get install --yes --download-only --no-install-recommends nftables conntrack >&2 ||
  fail "nftables and conntrack of $suite cannot be had"

rm -rf "$folder"
mkdir -p "$folder/root" "$folder/bin"
for package in "$work"/archives/*.deb; do dpkg -x "$package" "$folder/root"; done
loader=$(find "$folder/root" -name 'ld-linux*.so*' -type f | head -n 1)
libraries=$(dirname "$(find "$folder/root" -name 'libnftables.so.1' | head -n 1)")
for program in nft conntrack; do
  printf '#!/bin/sh\nexec %s --library-path %s %s "$@"\n' \
    "$loader" "$libraries" "$folder/root/usr/sbin/$program" >"$folder/bin/$program"
  chmod 755 "$folder/bin/$program"
done
