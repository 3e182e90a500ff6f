#!/usr/bin/env bash
# Installs psql if it is missing or older than version 10 (SCRAM passwords).
#   apply
#   remove   only if apply installed it
set -o errexit -o nounset -o pipefail
here=$(dirname "$(readlink --canonicalize "$0")")
# shellcheck source=scripts/vm/lib.sh
source "${here}/lib.sh"
# shellcheck source=scripts/vm/packages.sh
source "${here}/packages.sh"

readonly USAGE='install-psql.sh apply | remove'
readonly STREAM=postgresql:15

psql_version() {
  psql --version 2>/dev/null | sed --quiet --regexp-extended 's/^psql [^0-9]*([0-9]+).*/\1/p'
}

apply() {
  local version
  [[ $# -eq 0 ]] || usage_error "apply takes no argument, got $#" "${USAGE}"
  version=$(psql_version || true)
  if ((${version:-0} < 10)); then
    require_root
    # dnf refuses it if another stream is enabled; that stream's psql is good enough.
    run_dnf module enable "${STREAM}" || say "${STREAM} cannot be enabled; using this system's stream"
    install_package postgresql
    version=$(psql_version)
  fi
  say "psql ${version} is installed"
}

remove() {
  [[ $# -eq 0 ]] || usage_error "remove takes no argument, got $#" "${USAGE}"
  require_root
  remove_package postgresql
  say "what install-psql.sh installed is removed"
}

case "${1:-}" in
apply | remove) "$@" ;;
*) usage_error "the first argument is apply or remove, got '${1:-}'" "${USAGE}" ;;
esac
