#!/usr/bin/env bash
# Reads psql's output from standard input; prints what it means and what to do.
set -o errexit -o nounset -o pipefail

# A case-insensitive extended regular expression and its explanation; the first match counts.
# https://learn.microsoft.com/azure/postgresql/extensions/how-to-allow-extensions
# https://www.postgresql.org/docs/15/libpq-ssl.html
explain() {
  while IFS='~' read -r pattern text; do
    if grep --quiet --ignore-case --extended-regexp "${pattern}" <<<"$1"; then
      printf '%s\n' "${text}"
      return
    fi
  done <<'CAUSES'
not allow-listed|permission denied to create extension~The server does not allow this extension. Add PGAUDIT to the server parameter azure.extensions.
permission denied to set parameter~Only members of azure_pg_admin can set this parameter for a role or database, on PostgreSQL 15 or later. Leave out audit.roles and audit.databases.
must be loaded via shared_preload_libraries~The server has not loaded pgaudit. Add it to shared_preload_libraries and restart the server: a static parameter takes effect at a restart.
could not open extension control file|is not available~This server's version of PostgreSQL does not offer pgaudit.
could not translate host name~The server's name cannot be resolved. Check the name and the DNS (or the private DNS zone) of this machine.
certificate verify failed|root certificate file~The server's certificate could not be verified. Check the CA bundle and this machine's clock.
does not match host name~The server's certificate is for another name. Connect by the server's full name.
password authentication failed~The server refuses the user or the password. If the password was changed outside Pulumi, this sets a new one: pulumi up --replace '**administrator-password' (the lab on one machine: ./lab up).
no pg_hba.conf entry~The server's firewall does not allow this machine, or the server refuses connections without TLS.
database ".*" does not exist~The server has no such database.
Connection refused~Nothing listens at that address and port. The server may be stopped.
timeout expired|timed out~The server does not answer. Check its firewall rules, or the network security group and the peering.
too many clients|remaining connection slots~The server has no free connection. Close some, or raise max_connections.
CAUSES
}

text=$(cat)
explanation=$(explain "${text}")
printf '%s\n' "${explanation:-The SQL did not succeed; the lines above say why.}"
