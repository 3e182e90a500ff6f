#!/usr/bin/env bash
# Runs a step of this folder and cuts the long lines of its output.
#   step.sh <script> <argument>...
# Pulumi's command plugin 1.2.1 reads a command's output with a bufio.Scanner, which takes no line of 64 KiB or more:
# it reads no further, the command's next write blocks, and `pulumi up` waits for ever.
# Source: LogOutput in provider/pkg/provider/util/util.go of pulumi/pulumi-command; MaxScanTokenSize in Go's bufio.
set -o errexit -o nounset -o pipefail
here=$(dirname "$(readlink --canonicalize "$0")")

# Each line is passed on as soon as it is whole. Bytes, cut after a whole character: the plugin's output is UTF-8.
cut_lines() {
  LC_ALL=C sed --unbuffered --regexp-extended \
    's/^(.{4000}[\x80-\xBF]{0,3}).+$/\1 [the rest of this line was cut]/'
}

# A step whose connection was lost goes on, since sshd doesn't end it. The next run of the same step with the same arguments waits
# for its end: two runs disturb each other (dnf removes the package that the other one installs).
: "${LOCK_FOLDER:=/run/lock}"
readonly LONGEST_SECONDS=900 NOT_ALONE=75
run_alone() {
  local lock status=0
  lock=${LOCK_FOLDER}/pg-audit-lab-$(basename "$1" .sh)-$(sha256sum <<<"${*:3}" | cut --characters=1-12)
  flock --nonblock "${lock}" true || echo "waiting for the end of an earlier run of this step"
  flock --close --timeout "${LONGEST_SECONDS}" --conflict-exit-code "${NOT_ALONE}" "${lock}" \
    "${BASH}" "${here}/$1" "${@:2}" || status=$?
  if ((status == NOT_ALONE)); then
    echo "step: an earlier run of $1 hasn't ended within ${LONGEST_SECONDS} s; look for it with ps" >&2
  fi
  ((status != 0)) || write_to_disk
  return "${status}"
}

# Pulumi never repeats a step that has succeeded, so what it wrote must survive a crash of the VM: without this, ext4 and XFS leave
# files of the last half minute empty. RHEL's images have several file systems.
: "${STEP_FOLDERS:=/ /usr /var /home}"
write_to_disk() {
  local -a folders
  read -r -a folders <<<"${STEP_FOLDERS}"
  sync --file-system "${folders[@]}"
}

# A pipeline for each stream, so that this script ends after both filters have passed on all, with the step's status.
run() {
  run_alone "$@" 2>&3 3>&- 4>&- | cut_lines >&4 3>&- 4>&-
}

if [[ $# -eq 0 || ! -f ${here}/$1 ]]; then
  printf 'usage: step.sh <script> <argument>...; there is no script %s\n' "'${1:-}'" >&2
  exit 64
fi
{ run "$@" 3>&1 | cut_lines >&2 4>&-; } 4>&1
