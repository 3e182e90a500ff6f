# shellcheck shell=bash
# Functions that the steps share. Each step sources this file after its `set` line.

# The folder of systemd units.
: "${UNIT_FOLDER:=/etc/systemd/system}"

say() {
  printf '%s\n' "$*"
}

fail() {
  printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2
  exit 1
}

usage_error() {
  printf '%s\nusage: %s\n' "$1" "$2" >&2
  exit 64
}

require_root() {
  [[ ${EUID} -eq 0 ]] || fail "this step changes the system and must run as root: use sudo"
}

# Records of what the lab changed on this machine, for `remove`.
: "${STATE_FOLDER:=/var/lib/pg-audit-lab}"

# require_path NAME VALUE: an absolute path that needs no quoting in a systemd unit.
require_path() {
  if [[ ! $2 =~ ^(/[A-Za-z0-9_.@+-]+)+$ || "$2/" == */../* || "$2/" == */./* ]]; then
    fail "$1 is '$2'; give an absolute path of letters, digits and _ . @ + - without '..' or a slash at its end"
  fi
}

require_user() {
  id --user "$1" >/dev/null 2>&1 || fail "there is no user '$1' on this machine"
}

# retry_until SECONDS COMMAND...: repeats a command while it fails and `is_temporary_failure OUTPUT` is true.
# REPLY contains the last output, errors too.
retry_until() {
  local deadline=$((SECONDS + $1)) reported=false
  shift
  until REPLY=$("$@" 2>&1); do
    if ((SECONDS >= deadline)) || ! is_temporary_failure "${REPLY}"; then
      return 1
    fi
    if [[ ${reported} == false ]]; then
      say "waiting: $(tail -n 1 <<<"${REPLY}")"
      reported=true
    fi
    sleep 2
  done
}

# install_unit NAME: writes standard input to the unit file, whole or not at all, and enables the unit at boot.
install_unit() {
  local new="${UNIT_FOLDER}/.$1.new"
  cat >"${new}"
  chmod 0644 "${new}"
  mv --force "${new}" "${UNIT_FOLDER}/$1"
  systemctl enable --quiet --no-reload "$1"
  reload_if_needed "$1"
}

# systemd reads a new unit by itself. Reading all units again takes seconds.
reload_if_needed() {
  if [[ $(systemctl show --property=NeedDaemonReload --value "$1") == yes ]]; then
    systemctl daemon-reload
  fi
}

remove_unit() {
  systemctl disable --quiet --no-reload "$1" 2>/dev/null || true
  rm --force "${UNIT_FOLDER}/$1" "${UNIT_FOLDER}/.$1.new"
  systemctl reset-failed "$1" 2>/dev/null || true
  reload_if_needed "$1"
}
