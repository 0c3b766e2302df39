#!/usr/bin/env bash
# Installs what building and testing need, from Debian 12's own packages. Does nothing when all is there.
#
#     scripts/setup.sh [PACKAGE...]      further packages that the caller needs
#
# Runs apt-get as root or through sudo when that asks for no password; otherwise prints the line to
# run and exits with 1.
set -euo pipefail

packages=(
    gcc libc6-dev meson ninja-build pkg-config # to build
    libxxhash-dev                              # hashing
    libcmocka-dev                              # tests
    llvm-22-dev                                # machine code
    libcairo2-dev                              # pictures of the examples
    libblis-serial-dev                         # matrix products: the threads are ours, and OpenMP's ask for memory
    "$@"
)

if ! command -v dpkg-query >/dev/null; then
    echo "setup: this is not Debian; needed are, under its names: ${packages[*]}" >&2
    exit 0 # meson says what it does not find
fi

status=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null) || true
missing=()
for package in "${packages[@]}"; do
    grep -qxF -- "$package installed" <<<"$status" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root=()
elif sudo -n true 2>/dev/null; then
    as_root=(sudo -n)
else
    echo "setup: some packages are missing; run this, then try again:" >&2
    echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
fi

echo "setup: installing ${missing[*]}" >&2
"${as_root[@]}" apt-get -qq update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq install -y --no-install-recommends "${missing[@]}" >&2
