#!/usr/bin/env bash
# Runs a command as PostgreSQL's user. Mounts the cluster's folder at a place that this user can access, wherever the
# lab's folder is (root's home is closed to it). Must run in a separate mount namespace.
set -o errexit -o nounset -o pipefail

usage='usage: as-postgres.sh FOLDER PLACE UID GID COMMAND [ARGUMENT ...]'
folder=${1:?"${usage}"} place=${2:?"${usage}"} uid=${3:?"${usage}"} gid=${4:?"${usage}"}
shift 4

# Fails in a chroot, whose root is not a mount point; the propagation then stays as it is.
mount --make-rprivate / 2>/dev/null || true
mount --bind "${folder}" "${place}"
cd "${place}"
exec setpriv --reuid "${uid}" --regid "${gid}" --clear-groups -- "$@"
