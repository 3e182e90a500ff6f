#!/usr/bin/env bash
# Installs audit-tail, with the mount without a cache as its default folder, and jq, which audit-tail --decode needs.
#   apply <uncached_mount_point> <mount_point> <cache_dir>   the latter two for its messages about files beyond the cache
#   remove [apply's argument]   removes jq only if apply installed it
set -o errexit -o nounset -o pipefail
here=$(dirname "$(readlink --canonicalize "$0")")
# shellcheck source=scripts/vm/lib.sh
source "${here}/lib.sh"
# shellcheck source=scripts/vm/packages.sh
source "${here}/packages.sh"

readonly USAGE='install-audit-tail.sh apply|remove <uncached_mount_point> <mount_point> <cache_dir>'
readonly LIBRARIES=(audit-decode.jq audit-tail-blobs.sh diagnose-mount.sh explain-mount-failure.sh)
: "${BIN_FOLDER:=/usr/local/bin}"
: "${LIB_FOLDER:=/usr/local/lib/pg-audit-lab}"

apply() {
  local new="${BIN_FOLDER}/.audit-tail.new"
  [[ $# -eq 3 ]] || usage_error "apply takes three arguments, got $#" "${USAGE}"
  require_path uncached_mount_point "$1"
  require_path mount_point "$2"
  require_path cache_dir "$3"
  require_root
  command -v jq >/dev/null || install_package jq
  install --directory --mode=0755 "${LIB_FOLDER}"
  # Unlinks older files first: an audit-tail that is running keeps its own.
  install --mode=0644 --target-directory="${LIB_FOLDER}" "${LIBRARIES[@]/#/${here}/}"
  sed "s|^DEFAULT_ROOT=.*|DEFAULT_ROOT=$1|; s|^CACHED_MOUNT=.*|CACHED_MOUNT=$2|; s|^CACHE=.*|CACHE=$3|
    s|^LIBRARY=.*|LIBRARY=${LIB_FOLDER}|" "${here}/audit-tail" >"${new}"
  chmod 0755 "${new}"
  mv --force "${new}" "${BIN_FOLDER}/audit-tail"
  say "audit-tail is installed and follows $1"
}

remove() {
  require_root
  rm --force "${BIN_FOLDER}"/{audit-tail,.audit-tail.new} "${LIBRARIES[@]/#/${LIB_FOLDER}/}"
  [[ ! -d ${LIB_FOLDER} ]] || rmdir --ignore-fail-on-non-empty "${LIB_FOLDER}"
  remove_package jq
  say "audit-tail is removed"
}

case "${1:-}" in
apply | remove) "$@" ;;
*) usage_error "the first argument is apply or remove, got '${1:-}'" "${USAGE}" ;;
esac
