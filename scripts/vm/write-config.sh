#!/usr/bin/env bash
# Writes a file with secrets, mode 600, whole or not at all.
#   apply <path> <owner>   reads the content from standard input
#   remove [apply's arguments; only the first is used]
set -o errexit -o nounset -o pipefail
here=$(dirname "$(readlink --canonicalize "$0")")
# shellcheck source=scripts/vm/lib.sh
source "${here}/lib.sh"

readonly USAGE='write-config.sh apply|remove <path> <owner> < content'

# A run that is killed leaves its incomplete file under this name.
temporary_name() {
  printf '%s/.%s.new' "$(dirname "$1")" "$(basename "$1")"
}

apply() {
  local new folder
  [[ $# -eq 2 ]] || usage_error "apply takes two arguments, got $#" "${USAGE}"
  require_path path "$1"
  require_user "$2"
  [[ ! -d $1 ]] || fail "$1 is a folder; give the path of a file"
  folder=$(dirname "$1")
  [[ -d ${folder} ]] || fail "the folder of $1 does not exist"
  new=$(temporary_name "$1")
  rm --force "${new}"
  umask 077
  cat >"${new}"
  if [[ ! -s ${new} ]]; then
    rm --force "${new}"
    fail "standard input is empty; it must contain the content of $1"
  fi
  chown "$2:" "${new}"
  mv --force --no-target-directory "${new}" "$1"
  say "$1 is written, mode 600, owner $2"
}

remove() {
  [[ $# -ge 1 ]] || usage_error "remove takes the arguments of apply, got none" "${USAGE}"
  require_path path "$1"
  [[ ! -d $1 ]] || fail "$1 is a folder; give the path of a file"
  rm --force "$1" "$(temporary_name "$1")"
  say "$1 is removed"
}

case "${1:-}" in
apply | remove) "$@" ;;
*) usage_error "the first argument is apply or remove, got '${1:-}'" "${USAGE}" ;;
esac
