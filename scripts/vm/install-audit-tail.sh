#!/usr/bin/env bash
# Installs audit-tail for all users, with the mount as its default folder, and jq, which audit-tail --decode needs.
#   apply <mount_point>
#   remove [apply's argument]   removes jq only if apply installed it
set -o errexit -o nounset -o pipefail
here=$(dirname "$(readlink --canonicalize "$0")")
# shellcheck source=scripts/vm/lib.sh
source "${here}/lib.sh"
# shellcheck source=scripts/vm/packages.sh
source "${here}/packages.sh"

readonly USAGE='install-audit-tail.sh apply|remove <mount_point>'
: "${BIN_FOLDER:=/usr/local/bin}"
: "${LIB_FOLDER:=/usr/local/lib/pg-audit-lab}"

apply() {
  local new="${BIN_FOLDER}/.audit-tail.new"
  [[ $# -eq 1 ]] || usage_error "apply takes one argument, got $#" "${USAGE}"
  require_path mount_point "$1"
  require_root
  command -v jq >/dev/null || install_package jq
  install --directory --mode=0755 "${LIB_FOLDER}"
  # Unlinks an older file first: an audit-tail that is running keeps its own.
  install --mode=0644 --target-directory="${LIB_FOLDER}" "${here}/audit-decode.jq"
  sed "s|^DEFAULT_ROOT=.*|DEFAULT_ROOT=$1|; s|^DECODER=.*|DECODER=${LIB_FOLDER}/audit-decode.jq|" "${here}/audit-tail" >"${new}"
  chmod 0755 "${new}"
  mv --force "${new}" "${BIN_FOLDER}/audit-tail"
  say "audit-tail is installed and follows $1"
}

remove() {
  require_root
  rm --force "${BIN_FOLDER}"/{audit-tail,.audit-tail.new} "${LIB_FOLDER}/audit-decode.jq"
  [[ ! -d ${LIB_FOLDER} ]] || rmdir --ignore-fail-on-non-empty "${LIB_FOLDER}"
  remove_package jq
  say "audit-tail is removed"
}

case "${1:-}" in
apply | remove) "$@" ;;
*) usage_error "the first argument is apply or remove, got '${1:-}'" "${USAGE}" ;;
esac
