#!/usr/bin/env bash
# CREATE EXTENSION pgaudit in a database of the flexible server, over verified TLS.
#   apply <host> <port> <database> <user> <ca_bundle>   reads the password from standard input
# There is no remove: the extension is deleted with its database, and a destroy must not depend on a server that
# still answers.
set -o errexit -o nounset -o pipefail
here=$(dirname "$(readlink --canonicalize "$0")")
# shellcheck source=scripts/vm/lib.sh
source "${here}/lib.sh"

readonly USAGE='create-extension.sh apply <host> <port> <database> <user> <ca_bundle> < password'
# The longest time until a server that restarts, or a new DNS name, answers.
readonly WAIT_SECONDS=180

# Errors around a restart of the server, for retry_until.
is_temporary_failure() {
  grep --quiet --extended-regexp \
    'Connection refused|could not translate host name|timeout expired|starting up|shutting down|closed the connection unexpectedly|invalid response to SSL negotiation' \
    <<<"$1"
}

create_extension() {
  psql --no-psqlrc --no-password --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 \
    --command="SET client_min_messages = warning" \
    --command="CREATE EXTENSION IF NOT EXISTS pgaudit" \
    --command="SELECT 'pgaudit ' || extversion || ' is in ' || current_database() FROM pg_extension WHERE extname = 'pgaudit'"
}

apply() {
  [[ $# -eq 5 ]] || usage_error "apply takes five arguments, got $#" "${USAGE}"
  [[ $1 =~ ^[A-Za-z0-9.-]+$ ]] || fail "host is '$1'; give the server's full name, for example psqlflexi1.postgres.database.azure.com"
  [[ $2 =~ ^[0-9]{1,5}$ ]] || fail "port is '$2'; give a number, for example 5432"
  [[ -n $3 ]] || fail "database is empty; give its name"
  [[ -n $4 ]] || fail "user is empty; give the administrator's name"
  [[ -r $5 ]] || fail "ca_bundle is '$5', which cannot be read; give a file of CA certificates"
  IFS= read -r PGPASSWORD || true
  [[ -n ${PGPASSWORD} ]] || fail "standard input is empty; it must contain the password"

  export PGPASSWORD PGHOST=$1 PGPORT=$2 PGDATABASE=$3 PGUSER=$4
  export PGSSLMODE=verify-full PGSSLROOTCERT=$5 PGCONNECT_TIMEOUT=10
  if ! retry_until "${WAIT_SECONDS}" create_extension; then
    printf '%s\n' "${REPLY}" >&2
    fail "$("${BASH}" "${here}/explain-psql-failure.sh" <<<"${REPLY}")"
  fi
  say "${REPLY}"
}

case "${1:-}" in
apply) "$@" ;;
*) usage_error "the first argument is apply, got '${1:-}'" "${USAGE}" ;;
esac
