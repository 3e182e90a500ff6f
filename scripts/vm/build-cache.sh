#!/usr/bin/env bash
# Creates a tmpfs for blobfuse's cache, as a systemd mount unit, so that a reboot creates it again.
#   apply <cache_dir> <size>   for example: apply /var/cache/blobfuse2 16g; another size resizes it in place
#   remove [apply's arguments; only the first is used]
set -o errexit -o nounset -o pipefail
here=$(dirname "$(readlink --canonicalize "$0")")
# shellcheck source=scripts/vm/lib.sh
source "${here}/lib.sh"

readonly USAGE='build-cache.sh apply|remove <cache_dir> <size>'

# Only root may read the cache: it contains parts of the audit trail.
unit_text() {
  cat <<UNIT
[Unit]
Description=Memory for blobfuse's cache

[Mount]
What=tmpfs
Where=$1
Type=tmpfs
Options=size=$2,mode=0700,nodev,nosuid,noexec

[Install]
WantedBy=multi-user.target
UNIT
}

# A tmpfs uses memory only as it fills, so a size above the memory is a risk and no error.
warn_if_beyond_memory() {
  local bytes memory_kib
  bytes=$(numfmt --from=iec "${1^^}")
  memory_kib=$(awk '/^MemTotal:/ { print $2 }' /proc/meminfo)
  if ((bytes / 1024 > memory_kib)); then
    say "note: the cache may grow to $1, and this machine has $((memory_kib / 1024)) MiB of memory"
  fi
}

apply() {
  local unit
  [[ $# -eq 2 ]] || usage_error "apply takes two arguments, got $#" "${USAGE}"
  require_path cache_dir "$1"
  [[ $2 =~ ^[1-9][0-9]*[kmg]$ ]] || fail "size is '$2'; give a number with k, m or g, for example 16g"
  require_root
  warn_if_beyond_memory "$2"
  unit=$(systemd-escape --path --suffix=mount "$1")
  unit_text "$1" "$2" | install_unit "${unit}"
  if findmnt --mountpoint "$1" --types tmpfs >/dev/null; then
    systemctl reload "${unit}"
  else
    systemctl start "${unit}"
  fi
  say "$1 is a tmpfs of $(findmnt --noheadings --output SIZE --mountpoint "$1" | tr --delete ' ')"
}

remove() {
  local unit
  [[ $# -ge 1 ]] || usage_error "remove takes the arguments of apply, got none" "${USAGE}"
  require_path cache_dir "$1"
  require_root
  unit=$(systemd-escape --path --suffix=mount "$1")
  if findmnt --mountpoint "$1" --types tmpfs >/dev/null; then
    systemctl stop "${unit}" 2>/dev/null || umount --lazy "$1"
  fi
  remove_unit "${unit}"
  [[ ! -d $1 ]] || rmdir --ignore-fail-on-non-empty "$1"
  say "the tmpfs at $1 is removed"
}

case "${1:-}" in
apply | remove) "$@" ;;
*) usage_error "the first argument is apply or remove, got '${1:-}'" "${USAGE}" ;;
esac
