#!/usr/bin/env bash
# Runs a command as PostgreSQL's user. Mounts the cluster's folder, and the one with PostgreSQL's programs, at places that
# this user can access, wherever the lab's folder is (root's home is closed to it). Must run in a separate mount namespace.
set -o errexit -o nounset -o pipefail

usage='usage: as-postgres.sh FOLDER PLACE PROGRAMS PLACE_OF_PROGRAMS UID GID COMMAND [ARGUMENT ...]'
folder=${1:?"${usage}"} place=${2:?"${usage}"} programs=${3:?"${usage}"} place_of_programs=${4:?"${usage}"}
uid=${5:?"${usage}"} gid=${6:?"${usage}"}
shift 6

# Fails in a chroot, whose root is not a mount point; the propagation then stays as it is.
mount --make-rprivate / 2>/dev/null || true
mount --bind "${folder}" "${place}"
mount --bind -o ro "${programs}" "${place_of_programs}"
cd "${place}"
exec setpriv --reuid "${uid}" --regid "${gid}" --clear-groups -- "$@"
