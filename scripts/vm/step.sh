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

# A pipeline for each stream, so that this script ends after both filters have passed on all, with the step's status.
run() {
  "${BASH}" "${here}/$1" "${@:2}" 2>&3 3>&- 4>&- | cut_lines >&4 3>&- 4>&-
}

if [[ $# -eq 0 || ! -f ${here}/$1 ]]; then
  printf 'usage: step.sh <script> <argument>...; there is no script %s\n' "'${1:-}'" >&2
  exit 64
fi
{ run "$@" 3>&1 | cut_lines >&2 4>&-; } 4>&1
