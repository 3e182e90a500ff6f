# shellcheck shell=bash
# shellcheck disable=SC2153,SC2154 # audit-tail has its options and its state
# Functions of audit-tail that find servers and blobs in a mounted container, and recognise a blob that was read.
# Names of blobs are relative to the server's folder, in which the process works: each folder of a path costs blobfuse2
# a request. Functions return their result in REPLY, empty if there is none: a subshell for each call would cost more
# than the call. A pattern like h=?* lists one folder, smallest name first, and goes no deeper, so a year of hours costs
# no more than an hour.

# The newest blob of the server in the working folder: only the largest y=, m=, d= and h= are listed.
newest_blob() {
  local folder='' key
  local -a parts
  for key in y m d h; do
    parts=("${folder}${key}="?*)
    if ((${#parts[@]} == 0)); then
      REPLY=''
      return 0
    fi
    folder=${parts[-1]}/
  done
  blob_of_hour "${folder%/}"
}

blob_of_hour() {
  REPLY="$1/m=00/PT1H.json"
  [[ -f ${REPLY} ]] || REPLY=''
}

# first_blob FOLDER KEY...: the oldest blob below a folder that contains entries of the first key, and so on.
first_blob() {
  local part
  if (($# == 1)); then
    blob_of_hour "$1"
    return
  fi
  REPLY=''
  for part in "$1/$2="?*; do
    first_blob "${part}" "${@:3}"
    [[ -z ${REPLY} ]] || return 0
  done
}

# The blob that follows one: of a later hour of its day, else of a later day, month or year.
next_blob() {
  local here=./${1%/m=00/PT1H.json} key sibling
  local -a below=()
  REPLY=''
  for key in h d m y; do
    for sibling in "${here%/*}/${key}="?*; do
      if [[ ${sibling} > ${here} ]]; then
        first_blob "${sibling}" "${below[@]}"
        REPLY=${REPLY#./}
        [[ -z ${REPLY} ]] || return 0
      fi
    done
    below=("${key}" "${below[@]}")
    here=${here%/*}
  done
}

# The current hour's blob, if it is later than this one.
current_blob() {
  local hour
  TZ=UTC0 printf -v hour 'y=%(%Y/m=%m/d=%d/h=%H)T' -1
  REPLY=''
  [[ ! ${hour} > ${1%/m=00/PT1H.json} ]] || blob_of_hour "${hour}"
}

# Every server's folder: the parents of the y= folders.
servers() {
  local year
  find "${root}" -maxdepth 11 -type d -name 'y=[0-9]*' -prune 2>/dev/null | while read -r year; do
    printf '%s\n' "${year%/*}"
  done | sort --unique
}

# Sets `server`, the one of --resource, else the one that logged last, and REPLY, its newest blob.
choose_server() {
  local folder blob count=0 changed latest='' chosen=''
  while read -r folder; do
    [[ -z ${resource} || ${folder^^} == *"${resource^^}"* ]] || continue
    cd "${folder}" 2>/dev/null || continue
    newest_blob
    blob=${REPLY}
    [[ -n ${blob} ]] || continue
    count=$((count + 1))
    changed=$(stat --format=%010Y "${blob}" 2>/dev/null) || continue
    if [[ "${blob} ${changed}" > ${latest} ]]; then
      latest="${blob} ${changed}"
      server=${folder}
      chosen=${blob}
    fi
  done < <(servers)
  [[ -n ${latest} ]] || return 1
  cd "${server}" || return 1
  if ((count > 1)); then
    note "${count} servers log here; following ${server##*/}, the last to write (--resource chooses another)"
  fi
  REPLY=${chosen}
}

# The blob's name in the container, which is the same in each mount.
name_of() {
  REPLY=${server#"${root}"/}/$1
}

# A storage that was killed may come back without its last seconds, which are then written again, the same bytes: Azurite
# does so on local Azure. Azure's storage loses nothing.
readonly LOST_END_SECONDS=30
# Enough to distinguish blobs, as each record has a time with milliseconds.
readonly HEAD_BYTES=512
declare -A heads=()       # each blob's first bytes
declare -A short_since=() # when a blob was first seen without its end, in seconds since 1970

# Sets REPLY to the first bytes of a blob, without null bytes.
head_of() {
  REPLY=$(head --bytes="${HEAD_BYTES}" "$1" 2>/dev/null | tr --delete '\0') || true
}

# Once a blob: its first bytes, by which it is recognised.
remember_head() {
  [[ -z ${heads[$1]:-} ]] && ((offsets[$1] > 0)) || return 0
  head_of "$1"
  heads[$1]=${REPLY}
}

# Whether a blob that is shorter than what was read of it is the same one, without its end for some seconds.
may_come_back() {
  head_of "$1"
  [[ ${heads[$1]:-} == "${REPLY}"* ]] || return 1
  if [[ -z ${short_since[$1]:-} ]]; then
    short_since[$1]=${EPOCHSECONDS}
    name_of "$1"
    note "the end of ${REPLY} is missing; waiting ${LOST_END_SECONDS} s for it"
  fi
  ((EPOCHSECONDS - short_since[$1] < LOST_END_SECONDS))
}

# Sets `cache`.
measure_cache() {
  cache=$(findmnt --bytes --noheadings --output SIZE --types tmpfs --mountpoint "${CACHE}") || cache=0
  cache=${cache//[^0-9]/}
}

# too_big_text BYTES
too_big_text() {
  printf 'this log file has %d MiB, and the cache of %s %d MiB: there it cannot be read (Input/output error). ' \
    "$((($1 + mebibyte - 1) / mebibyte))" "${CACHED_MOUNT}" "$((cache / mebibyte))"
  printf 'Set cacheSizeMb above the size of an hour of logs, then run pulumi up.'
}

# report_too_big BLOB BYTES: says, once a blob, that the mount with the cache cannot open it.
report_too_big() {
  (($2 > SMALLEST_CACHE * mebibyte && $2 > cache)) || return 0
  [[ $1 != "${too_big}" ]] || return 0
  measure_cache # it may have grown
  ((cache > 0 && $2 > cache)) || return 0
  too_big=$1
  note "$(too_big_text "$2") audit-tail reads on."
}
