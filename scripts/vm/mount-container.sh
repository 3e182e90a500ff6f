#!/usr/bin/env bash
# Mounts the log container with blobfuse2 as a systemd service and waits until it can be listed.
#   apply <mount_point> <config_path> <owner> [cache_path]   the owner owns the empty mount point
#   remove <apply's arguments>
# A second apply changes nothing unless the unit or the config has changed since the mount was started.
#
# With cache_path, opening a file downloads all of it there. Without, nothing is cached: a read gets the range that it asks
# for, so a file may be of any size; for programs that read the end of a growing file. Only the owner can enter the folder
# that contains such a mount point.
set -o errexit -o nounset -o pipefail
here=$(dirname "$(readlink --canonicalize "$0")")
# shellcheck source=scripts/vm/lib.sh
source "${here}/lib.sh"

readonly USAGE='mount-container.sh apply|remove <mount_point> <config_path> <owner> [cache_path]'
# A new role assignment can take ten minutes to take effect.
readonly WAIT_SECONDS=600
# An endpoint that is not there: a new name may not be resolved yet, and the service may be starting.
readonly OUTAGE_SECONDS=120
# Hashes of the unit and config of running mounts; in /run, since a reboot starts the mount with the current files.
readonly STARTED_FOLDER=/run/pg-audit-lab

unit_name() {
  printf 'blobfuse2-%s' "$(systemd-escape --path --suffix=service "$1")"
}

# The config of a mount without a cache: the one file with the secret, without blobfuse2's component that caches. The unit
# writes it at each start, and removes it at the end.
uncached_config() {
  printf '%s/blobfuse2%s.yaml' "${STARTED_FOLDER}" "${1//\//_}"
}

# Lines of the unit's [Service] section: blobfuse2 itself, and what it needs.
start_lines() {
  local options='--foreground --read-only --disable-version-check' config
  if [[ -n ${3:-} ]]; then
    cat <<LINES
ExecStartPre=/usr/bin/mkdir -p -m 0700 $3
ExecStart=/usr/bin/blobfuse2 mount $1 --config-file=$2 --tmp-path=$3 ${options} --cleanup-on-start
LINES
  else
    config=$(uncached_config "$1")
    cat <<LINES
ExecStartPre=/usr/bin/mkdir -p -m 0700 ${STARTED_FOLDER}
ExecStartPre=/bin/sh -c "umask 077; exec sed '/^ *- file_cache *\$\$/d' $2 >${config}"
ExecStart=/usr/bin/blobfuse2 mount $1 --config-file=${config} ${options}
ExecStopPost=-/usr/bin/rm -f ${config}
LINES
  fi
}

# unit_text MOUNT_POINT CONFIG_PATH [CACHE_PATH]
# Without a limit of starts, so that the mount comes back after an outage of any length. blobfuse2 has its working folder
# in HOME, which systemd sets only for services with User=. SIGTERM would leave a dead mount behind, so ExecStop unmounts instead; after a crash ExecStopPost does.
unit_text() {
  cat <<UNIT
[Unit]
Description=Audit logs at $1
Wants=network-online.target
After=network-online.target nss-lookup.target
RequiresMountsFor=$2${3:+ $3}
StartLimitIntervalSec=0

[Service]
Environment=HOME=/root
$(start_lines "$@")
ExecStop=-/usr/bin/fusermount3 -u -z -q $1
ExecStopPost=-/usr/bin/fusermount3 -u -z -q $1
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
UNIT
}

is_mounted() {
  findmnt --mountpoint "$1" >/dev/null
}

# A mount that hangs or whose process died ("Transport endpoint is not connected") does not answer.
answers() {
  is_mounted "$1" && timeout 10 ls "$1" >/dev/null 2>&1
}

clear_dead_mount() {
  if is_mounted "$1" && ! answers "$1"; then
    say "clearing a dead mount at $1"
    umount --lazy "$1"
  fi
}

# Called while the lab's mount is stopped: nothing else may use the mount point.
check_mount_point() {
  if is_mounted "$1"; then
    fail "directory is already mounted: something else is mounted at $1; unmount it (sudo umount $1) and apply again"
  elif [[ -d $1 && -n $(ls --almost-all "$1") ]]; then
    fail "mount directory is not empty: $1 contains files; move them elsewhere and apply again"
  fi
}

# log_since CURSOR UNIT: the journal of the unit and of blobfuse2. Lines of a process that ends at once are recorded
# without the unit's name.
log_since() {
  journalctl --quiet --output=cat ${1:+--after-cursor="$1"} "_SYSTEMD_UNIT=$2" + "UNIT=$2" + \
    SYSLOG_IDENTIFIER=blobfuse2
}

journal_cursor() {
  journalctl --quiet --lines=0 --show-cursor | sed --quiet 's/^-- cursor: //p'
}

give_up() {
  local unit="$2" log="$3" explanation="$4"
  systemctl stop "${unit}" || true
  printf '%s\n' "--- the last lines of journalctl -u ${unit}" >&2
  tail -n 8 <<<"${log}" >&2
  fail "$1 was not mounted. ${explanation:-The cause is unknown; see the lines above.}"
}

# wait_until_mounted MOUNT_POINT UNIT CURSOR
wait_until_mounted() {
  local deadline=$((SECONDS + WAIT_SECONDS)) outage_deadline=$((SECONDS + OUTAGE_SECONDS))
  local log explanation status reported=''
  until answers "$1"; do
    if systemctl show --property=SubState "$2" | grep --quiet --extended-regexp 'auto-restart|failed|dead'; then
      log=$(log_since "$3" "$2")
      status=0
      explanation=$("${BASH}" "${here}/explain-mount-failure.sh" <<<"${log}") || status=$?
      if ((status != 75 && (status != 69 || SECONDS >= outage_deadline))); then
        give_up "$1" "$2" "${log}" "${explanation}"
      elif [[ ${explanation} != "${reported}" ]]; then
        say "waiting: ${explanation}"
        reported=${explanation}
      fi
    fi
    if ((SECONDS >= deadline)); then
      give_up "$1" "$2" "$(log_since "$3" "$2")" "It did not answer within ${WAIT_SECONDS} seconds. ${reported}"
    fi
    sleep 0.3
  done
}

apply() {
  local mount_point config cache owner unit started new_start cursor
  [[ $# -eq 3 || $# -eq 4 ]] || usage_error "apply takes three or four arguments, got $#" "${USAGE}"
  mount_point=$1 config=$2 owner=$3 cache=${4:-}
  require_path mount_point "${mount_point}"
  require_path config_path "${config}"
  [[ $# -eq 3 ]] || require_path cache_path "${cache}"
  require_user "${owner}"
  require_root
  [[ -f ${config} ]] || fail "there is no config at ${config}; run write-config.sh first"
  [[ -x /usr/bin/blobfuse2 ]] || fail "there is no blobfuse2; run install-blobfuse.sh first"

  unit=$(unit_name "${mount_point}")
  started="${STARTED_FOLDER}/${unit}.sha256"
  new_start=$(cat <(unit_text "${mount_point}" "${config}" "${cache}") "${config}" | sha256sum)
  clear_dead_mount "${mount_point}"
  if [[ $(cat "${started}" 2>/dev/null) == "${new_start}" ]] && answers "${mount_point}"; then
    say "${mount_point} is mounted already"
    return
  fi

  if systemctl is-active --quiet "${unit}"; then
    say "the config has changed: mounting again"
  fi
  systemctl stop "${unit}" 2>/dev/null || true
  check_mount_point "${mount_point}"
  [[ -n ${cache} ]] || install --directory --owner="${owner}" --mode=0700 "$(dirname "${mount_point}")"
  install --directory --owner="${owner}" --mode=0755 "${mount_point}"
  unit_text "${mount_point}" "${config}" "${cache}" | install_unit "${unit}"
  systemctl reset-failed "${unit}" 2>/dev/null || true
  cursor=$(journal_cursor)
  systemctl start "${unit}"
  wait_until_mounted "${mount_point}" "${unit}" "${cursor}"
  install --directory --mode=0700 "${STARTED_FOLDER}"
  printf '%s\n' "${new_start}" >"${started}"
  say "${mount_point} is mounted"
}

remove() {
  local unit
  [[ $# -ge 1 ]] || usage_error "remove takes the arguments of apply, got none" "${USAGE}"
  require_path mount_point "$1"
  require_root
  unit=$(unit_name "$1")
  systemctl stop "${unit}" 2>/dev/null || true
  if is_mounted "$1"; then
    umount --lazy "$1"
  fi
  remove_unit "${unit}"
  rm --force "${STARTED_FOLDER}/${unit}.sha256"
  if [[ -d $1 ]]; then
    rmdir "$1" || fail "$1 is unmounted, but contains files; move them elsewhere"
  fi
  if [[ $# -eq 3 ]]; then
    rm --force "$(uncached_config "$1")"
    rmdir --ignore-fail-on-non-empty "$(dirname "$1")" "${STATE_FOLDER}" 2>/dev/null || true
  fi
  say "$1 is unmounted and removed"
}

case "${1:-}" in
apply | remove) "$@" ;;
*) usage_error "the first argument is apply or remove, got '${1:-}'" "${USAGE}" ;;
esac
