#!/usr/bin/env bash
# Lets further SSH keys sign in as a user: a marked block at the end of the user's authorized_keys.
#   apply <user>   reads the public keys from standard input, one a line; they replace those of an earlier apply
#   remove <user>
set -o errexit -o nounset -o pipefail
here=$(dirname "$(readlink --canonicalize "$0")")
# shellcheck source=scripts/vm/lib.sh
source "${here}/lib.sh"

readonly USAGE='authorize-keys.sh apply|remove <user> < public_keys'
readonly BEGIN='# BEGIN pg-audit-lab'
readonly END='# END pg-audit-lab'

# write_keys USER: the other lines of the file, then standard input as the block; whole or not at all. The file keeps its
# owner, mode and SELinux label, as a new one would not.
write_keys() {
  local file block others
  file=$(getent passwd "$1" | cut --delimiter=: --fields=6)/.ssh/authorized_keys
  [[ -f ${file} ]] || fail "there is no ${file}; Azure writes it when it creates the VM"
  block=$(cat)
  others=$(sed "/^${BEGIN}\$/,/^${END}\$/d" "${file}")
  cp --preserve=all "${file}" "${file}.new"
  printf '%s\n' "${others}" ${block:+"${BEGIN}" "${block}" "${END}"} >"${file}.new"
  mv --force "${file}.new" "${file}"
}

main() {
  local verb=$1
  [[ $# -eq 2 ]] || usage_error "${verb} takes one argument, got $(($# - 1))" "${USAGE}"
  require_user "$2"
  require_root
  if [[ ${verb} == apply ]]; then
    write_keys "$2"
    say "further keys may sign in as $2"
  else
    write_keys "$2" </dev/null
    say "the further keys of $2 are removed"
  fi
}

case "${1:-}" in
apply | remove) main "$@" ;;
*) usage_error "the first argument is apply or remove, got '${1:-}'" "${USAGE}" ;;
esac
