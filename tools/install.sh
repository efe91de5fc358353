#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tools/install.sh yes|no GROUP...: installs the packages of these groups of tools/packages.txt that are missing, or
# ("no") only names them. Exit code 2 where the build cannot go on.
set -euo pipefail
cd "$(dirname "$0")/.."
install=$1
shift

die() {
  echo "dev: $1" >&2
  exit 2
}

distribution=none version=''
if [[ -r /etc/os-release ]]; then
  distribution=$(. /etc/os-release && echo "${ID:-none}")
  version=$(. /etc/os-release && echo "${VERSION_ID:-}")
fi

# The packages of the groups for this distribution (Debian's list where it is another one).
wanted() {
  awk -v groups=" $* " -v id="$([[ $distribution == ubuntu ]] && echo ubuntu || echo debian)" '
    /^#/ || NF < 3 {next}
    ($3 == "all" || $3 == id) && split($1, of, ",") {for (g in of) if (index(groups, " " of[g] " ")) {print $2; next}}
  ' tools/packages.txt
}

missing() {
  local package
  command -v dpkg-query >/dev/null || return 0
  for package in $(wanted "$@"); do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done
}

# Without installing: the tools themselves must be there; libraries are CMake's to find.
go_on_without() {
  local tool
  for tool in cmake ninja c++ pkg-config python3; do
    command -v "$tool" >/dev/null || die "$tool is missing; install it (tools/packages.txt names the packages)"
  done
}

# Ubuntu packages no libtorch: the Python wheel of PyTorch has one. Its folder is kept in .deps/torch-root.
fetch_libtorch() {
  [[ $distribution == ubuntu && ! -f .deps/torch-root ]] || return 0
  [[ " $* " == *" build "* ]] || return 0
  if [[ $install != yes ]]; then
    echo "No libtorch: give one with -DCOLONNADE_TORCH_ROOT (docs/building.md), or run without --no-install." >&2
    return 0
  fi
  echo "Fetching libtorch (PyTorch's Python wheel, large) into .deps/ ..."
  python3 -m venv .deps/python
  .deps/python/bin/pip install --quiet 'torch>=2.7' ||
    die "could not fetch libtorch; docs/building.md says how to give one by hand"
  (cd "$(echo .deps/python/lib/python3*/site-packages/torch)" && pwd) >.deps/torch-root
}

if ! command -v apt-get >/dev/null; then
  echo "This is not Debian or Ubuntu: nothing is installed. Needed, by Debian's names: $(wanted "$@" | xargs)" >&2
  go_on_without
  exit 0
fi
case $distribution-$version in
  debian-12 | ubuntu-24.04) ;;
  *) echo "Tested on Debian 12 and Ubuntu 24.04; this is $distribution $version, trying all the same." >&2 ;;
esac

mapfile -t packages < <(missing "$@")
if ((${#packages[@]})) && [[ $install != yes ]]; then
  echo "Missing packages (nothing is installed with --no-install): ${packages[*]}" >&2
  echo "  to install them: apt-get install ${packages[*]}" >&2
elif ((${#packages[@]})); then
  echo "Installing ${packages[*]}"
  root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "not root and no sudo; ask for these packages: ${packages[*]}"
    root=(sudo)
  fi
  "${root[@]}" apt-get -qq update </dev/null || die "apt-get update failed; is this machine online?"
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${packages[@]}" \
    </dev/null >/dev/null || die "apt-get could not install: ${packages[*]}"
fi
[[ $install == yes ]] || go_on_without
fetch_libtorch "$@"
