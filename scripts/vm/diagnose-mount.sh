#!/usr/bin/env bash
# Prints in one line why a mount does not show the container, and what to do; nothing if it shows it.
#   diagnose-mount.sh <mount_point>   as a user who may read the journal: Azure's administrator may
set -o errexit -o nounset -o pipefail
here=$(dirname "$(readlink --canonicalize "$0")")

readonly ANSWER_SECONDS=10
# blobfuse2 fails every few seconds while it cannot mount, and at each read while it is mounted.
readonly SINCE=-2min
# An older cause may have been repaired since.
readonly LINES_OF_LAST_FAILURE=40

mount_point=${1:?the first argument is the mount point}
unit=blobfuse2-$(systemd-escape --path --suffix=service "${mount_point}")

if findmnt --mountpoint "${mount_point}" >/dev/null && timeout "${ANSWER_SECONDS}" ls "${mount_point}" >/dev/null 2>&1; then
  exit
fi
log=$(journalctl --quiet --output=cat --since="${SINCE}" --lines="${LINES_OF_LAST_FAILURE}" \
  "_SYSTEMD_UNIT=${unit}" + "UNIT=${unit}" + SYSLOG_IDENTIFIER=blobfuse2 2>/dev/null) || true
explanation=$("${BASH}" "${here}/explain-mount-failure.sh" <<<"${log}") || true
printf '%s\n' "${explanation:-The cause is unknown: sudo journalctl -u ${unit} shows what blobfuse2 reports.}"
