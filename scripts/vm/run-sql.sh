#!/usr/bin/env bash
# Runs SQL on the flexible server as its administrator, over verified TLS, in one transaction a database.
#   apply|remove <host> <port> <user> <ca_bundle> <sql> <removal_sql> [<database>...]
# Without a database: in every one that accepts connections, except Azure's own. Standard input: the password, a line; what
# follows is SQL with a secret, which apply runs after <sql>.
set -o errexit -o nounset -o pipefail
here=$(dirname "$(readlink --canonicalize "$0")")
# shellcheck source=scripts/vm/lib.sh
source "${here}/lib.sh"

readonly USAGE='run-sql.sh apply|remove <host> <port> <user> <ca_bundle> <sql> <removal_sql> [<database>...] < password_and_secret_sql'
# The longest time until a server that restarts, or a new DNS name, answers.
readonly WAIT_SECONDS=180
# Azure's own databases can't be entered or changed. Source: "Supported databases" of a flexible server.
readonly ALL_DATABASES="SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate AND datname NOT IN ('azure_maintenance', 'azure_sys') ORDER BY datname"

# Errors around a restart of the server, for retry_until.
is_temporary_failure() {
  grep --quiet --extended-regexp \
    'Connection refused|could not translate host name|timeout expired|starting up|shutting down|closed the connection unexpectedly|invalid response to SSL negotiation' \
    <<<"$1"
}

# run_in DATABASE SQL: REPLY contains what psql printed.
run_in() {
  retry_until "${WAIT_SECONDS}" psql_in "$@" && return
  printf '%s\n' "${REPLY}" >&2
  fail "in database $1: $("${BASH}" "${here}/explain-psql-failure.sh" <<<"${REPLY}")"
}

psql_in() {
  PGDATABASE=$1 psql --no-psqlrc --no-password --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 \
    --single-transaction --file=- <<<"SET LOCAL client_min_messages = warning; $2"
}

check_arguments() {
  [[ $1 =~ ^[A-Za-z0-9.-]+$ ]] || fail "host is '$1'; give the server's full name, for example psqlflexi1.postgres.database.azure.com"
  [[ $2 =~ ^[0-9]{1,5}$ ]] || fail "port is '$2'; give a number, for example 5432"
  [[ -n $3 ]] || fail "user is empty; give the administrator's name"
  [[ -r $4 ]] || fail "ca_bundle is '$4', which cannot be read; give a file of CA certificates"
}

main() {
  local verb=$1 sql secret_sql database
  local -a databases=("${@:8}")
  [[ $# -ge 7 ]] || usage_error "${verb} takes six arguments and databases, got $(($# - 1))" "${USAGE}"
  check_arguments "${@:2:4}"
  IFS= read -r PGPASSWORD || true
  [[ -n ${PGPASSWORD} ]] || fail "standard input is empty; it must contain the password"
  secret_sql=$(cat)
  sql=$6$'\n'${secret_sql}
  [[ ${verb} == apply ]] || sql=$7
  # Nothing was asked for, or nothing is to be undone.
  [[ -n ${sql//[[:space:]]/} ]] || return 0

  export PGPASSWORD PGHOST=$2 PGPORT=$3 PGUSER=$4
  export PGSSLMODE=verify-full PGSSLROOTCERT=$5 PGCONNECT_TIMEOUT=10
  if ((${#databases[@]} == 0)); then
    run_in postgres "${ALL_DATABASES};"
    readarray -t databases <<<"${REPLY}"
  fi
  for database in "${databases[@]}"; do
    run_in "${database}" "${sql}"
    say "${database}: ${REPLY:-done}"
  done
}

case "${1:-}" in
apply | remove) main "$@" ;;
*) usage_error "the first argument is apply or remove, got '${1:-}'" "${USAGE}" ;;
esac
