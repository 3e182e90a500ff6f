#!/usr/bin/env bash
# Sees to it that psql is there, version 10 or later (SCRAM passwords).
#   apply
#   remove   takes it away only if apply installed it
set -o errexit -o nounset -o pipefail
here=$(dirname "$(readlink --canonicalize "$0")")
# shellcheck source=scripts/vm/lib.sh
source "${here}/lib.sh"
# shellcheck source=scripts/vm/packages.sh
source "${here}/packages.sh"

readonly USAGE='install-psql.sh apply | remove'
readonly STREAM=postgresql:15
readonly MARK=${STATE_FOLDER}/psql-installed

psql_version() {
  psql --version 2>/dev/null | sed --quiet --regexp-extended 's/^psql [^0-9]*([0-9]+).*/\1/p'
}

apply() {
  local version
  [[ $# -eq 0 ]] || usage_error "apply takes no argument, got $#" "${USAGE}"
  version=$(psql_version || true)
  if ((${version:-0} < 10)); then
    require_root
    # Refused where another stream is enabled already; that one then serves as well.
    dnf --assumeyes --quiet module enable "${STREAM}" || say "${STREAM} is not enabled; taking this system's stream"
    mkdir --parents "${STATE_FOLDER}"
    touch "${MARK}"
    run_dnf install postgresql || fail "psql could not be installed"
    version=$(psql_version)
  fi
  say "psql ${version} is there"
}

remove() {
  [[ $# -eq 0 ]] || usage_error "remove takes no argument, got $#" "${USAGE}"
  require_root
  if [[ -e ${MARK} ]]; then
    if is_installed postgresql; then
      run_dnf remove postgresql || fail "postgresql could not be removed"
    fi
    rm --force "${MARK}"
    rmdir --ignore-fail-on-non-empty "${STATE_FOLDER}"
  fi
  say "what install-psql.sh installed is removed"
}

case "${1:-}" in
apply | remove) "$@" ;;
*) usage_error "the first argument is apply or remove, got '${1:-}'" "${USAGE}" ;;
esac
