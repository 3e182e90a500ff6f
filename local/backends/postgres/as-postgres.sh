#!/usr/bin/env bash
# Runs a command as PostgreSQL's user, with the cluster's folder at a place which that user can reach wherever the
# lab stands (root's home is closed to it). To be run in a mount namespace of its own, so that nobody else sees it.
set -o errexit -o nounset -o pipefail

usage='usage: as-postgres.sh FOLDER PLACE UID GID COMMAND [ARGUMENT ...]'
folder=${1:?"${usage}"} place=${2:?"${usage}"} uid=${3:?"${usage}"} gid=${4:?"${usage}"}
shift 4

# In a chroot, whose root is no mount point, this fails: then the propagation is what the surroundings made it.
mount --make-rprivate / 2>/dev/null || true
mount --bind "${folder}" "${place}"
cd "${place}"
exec setpriv --reuid "${uid}" --regid "${gid}" --clear-groups -- "$@"
