#!/bin/sh
# Makes sure that what the tests, the demo and the build need is there. A second run installs nothing.
#   sh test/setup.sh                  node modules
#   sh test/setup.sh --lab            node modules, and as root the Debian packages of the lab
#   sh test/setup.sh --test           and the browser that looks at the pages, and what --vm makes
#   sh test/setup.sh --vm             and what the virtual machine needs: qemu and Debian's kernel, unpacked in .cache
#   sh test/setup.sh --matrix         and what runs a Node of another processor
#   sh test/setup.sh --packages-only  the Debian packages of the lab alone, and others if they are named after it
set -eu

cd "$(dirname "$0")/.."
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
export PATH

packages='nftables conntrack iproute2 dnsmasq-base mosquitto mosquitto-clients swaks openssl procps busybox shellcheck xz-utils'
browser_packages='chromium fonts-dejavu-core'
vm_packages='qemu-system-x86 kmod xz-utils e2fsprogs'
matrix_packages='qemu-user libc6-arm64-cross libstdc++6-arm64-cross libgcc-s1-arm64-cross'
policy=/usr/sbin/policy-rc.d
mark='made by test/setup.sh of postern'

fail() {
  echo "setup: $1" >&2
  exit 1
}

check_node() {
  command -v node >/dev/null || fail 'Node 20.18 or later is needed, and npm; see https://nodejs.org/en/download'
  version=$(node -p process.versions.node)
  major=${version%%.*}
  minor=${version#*.}
  minor=${minor%%.*}
  if [ "$major" -lt 20 ] || { [ "$major" -eq 20 ] && [ "$minor" -lt 18 ]; }; then
    fail "Node $version is too old: 20.18 or later is needed; see https://nodejs.org/en/download"
  fi
}

install_modules() {
  stamp=node_modules/.setup-stamp
  wanted="$(cksum <package-lock.json) $(uname -sm)"
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then return; fi
  command -v npm >/dev/null || fail 'npm is needed to install the node modules'
  echo 'setup: installing node modules' >&2
  # No package of ours needs its install scripts: esbuild, biome and the rest bring binaries as optional packages.
  npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >&2 ||
    fail 'the node modules could not be installed; run: npm ci --ignore-scripts'
  echo "$wanted" >"$stamp"
}

missing_packages() {
  # shellcheck disable=SC2086
  installed=$(dpkg-query -W -f='${db:Status-Abbrev}${Package}\n' $packages 2>/dev/null | sed -n 's/^ii *//p') || true
  for package in $packages; do
    case "
$installed
" in
    *"
$package
"*) ;;
    *) printf '%s ' "$package" ;;
    esac
  done
}

# Debian starts what it installs. Nothing here may start a broker on somebody's machine, so while apt runs
# policy-rc.d forbids it. A policy that is there already is the machine's own, and stays.
forbid_services() {
  if [ -e "$policy" ]; then return; fi
  trap allow_services EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  printf '#!/bin/sh\n# %s\nexit 101\n' "$mark" >"$policy"
  chmod 755 "$policy"
}

allow_services() {
  if grep -qs "$mark" "$policy"; then rm -f "$policy"; fi
}

install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    echo "setup: not Debian: the lab needs what Debian calls $packages" >&2
    return
  fi
  if [ "$(id -u)" -eq 0 ]; then allow_services; fi # where a killed run left its policy behind
  missing=$(missing_packages)
  if [ -z "$missing" ]; then return; fi
  if [ "$(id -u)" -ne 0 ]; then
    echo "setup: the lab needs ${missing% }; to install them run: sudo sh test/setup.sh --packages-only ${missing% }" >&2
    return
  fi
  forbid_services
  echo "setup: installing ${missing% }" >&2
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086
  { apt-get -qq update && apt-get -qq -y -o DPkg::Lock::Timeout=120 install --no-install-recommends $missing; } >&2 ||
    fail "the packages could not be installed; run: apt-get update && apt-get install --no-install-recommends $missing"
  # Nor at the next boot, where it was not the user who wanted it.
  for service in mosquitto nats-server; do
    case " $missing" in
    *" $service "*) if [ -d /run/systemd/system ]; then systemctl disable --quiet "$service" || true; fi ;;
    esac
  done
  allow_services
}

# Where it cannot be had, the tests of it are skipped (and fail with CI=true): the others need not wait for it.
make_machine() {
  if [ "$(uname -m)" != x86_64 ]; then return; fi
  (
    # shellcheck disable=SC2030
    packages=$vm_packages
    install_packages
    sh test/vm/make-kernel.sh
  ) || echo 'setup: no virtual machine: its tests will be skipped' >&2
}

case "${1:-}" in
'')
  check_node
  install_modules
  ;;
--lab)
  check_node
  install_modules
  install_packages
  ;;
--test)
  check_node
  install_modules
  # shellcheck disable=SC2031
  packages="$packages $browser_packages"
  install_packages
  make_machine
  ;;
--vm)
  check_node
  install_modules
  install_packages
  make_machine
  ;;
--matrix)
  check_node
  install_modules
  # shellcheck disable=SC2031
  packages="$packages $matrix_packages"
  install_packages
  ;;
--packages-only)
  shift
  packages="$packages $*"
  install_packages
  ;;
*) fail "unknown option $1" ;;
esac
