#!/usr/bin/env bash
# Installs audit-tail for all users, with the mount as the folder that it follows by default.
#   apply <mount_point>
#   remove [apply's argument]
set -o errexit -o nounset -o pipefail
here=$(dirname "$(readlink --canonicalize "$0")")
# shellcheck source=scripts/vm/lib.sh
source "${here}/lib.sh"

readonly USAGE='install-audit-tail.sh apply|remove <mount_point>'
: "${BIN_FOLDER:=/usr/local/bin}"

apply() {
  local new="${BIN_FOLDER}/.audit-tail.new"
  [[ $# -eq 1 ]] || usage_error "apply takes one argument, got $#" "${USAGE}"
  require_path mount_point "$1"
  require_root
  sed "s|^DEFAULT_ROOT=.*|DEFAULT_ROOT=$1|" "${here}/audit-tail" >"${new}"
  chmod 0755 "${new}"
  mv --force "${new}" "${BIN_FOLDER}/audit-tail"
  say "audit-tail is installed and follows $1"
}

remove() {
  require_root
  rm --force "${BIN_FOLDER}/audit-tail" "${BIN_FOLDER}/.audit-tail.new"
  say "audit-tail is removed"
}

case "${1:-}" in
apply | remove) "$@" ;;
*) usage_error "the first argument is apply or remove, got '${1:-}'" "${USAGE}" ;;
esac
