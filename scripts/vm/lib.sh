# shellcheck shell=bash
# What the steps share. Each step sources it after its own `set` line.

# Where systemd units of the lab stand. The tests point it at a folder of their own.
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

# What the lab did to this machine and `remove` has to know of.
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

# retry_until SECONDS COMMAND...: runs it until it succeeds. REPLY holds what it printed last, errors too.
# Goes on only while `is_passing_trouble` takes that for something that heals by itself.
retry_until() {
  local deadline=$((SECONDS + $1)) said=false
  shift
  until REPLY=$("$@" 2>&1); do
    if ((SECONDS >= deadline)) || ! is_passing_trouble "${REPLY}"; then
      return 1
    fi
    if [[ ${said} == false ]]; then
      say "waiting: $(tail -n 1 <<<"${REPLY}")"
      said=true
    fi
    sleep 2
  done
}

# install_unit NAME: standard input becomes the unit file, whole or not at all; it starts with every boot from
# then on.
install_unit() {
  local new="${UNIT_FOLDER}/.pg-audit-lab.new"
  cat >"${new}"
  chmod 0644 "${new}"
  mv --force "${new}" "${UNIT_FOLDER}/$1"
  systemctl enable --quiet --no-reload "$1"
  reload_if_needed "$1"
}

# systemd reads a new unit by itself; reading all units again takes seconds, so only if it has to.
reload_if_needed() {
  if [[ $(systemctl show --property=NeedDaemonReload --value "$1") == yes ]]; then
    systemctl daemon-reload
  fi
}

remove_unit() {
  systemctl disable --quiet --no-reload "$1" 2>/dev/null || true
  rm --force "${UNIT_FOLDER}/$1" "${UNIT_FOLDER}/.pg-audit-lab.new"
  systemctl reset-failed "$1" 2>/dev/null || true
  reload_if_needed "$1"
}
