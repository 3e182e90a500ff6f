# shellcheck shell=bash
# Functions of audit-tail that find servers and blobs in a mounted container. Names of blobs are relative to the server's
# folder, in which the process works: each folder of a path costs blobfuse2 a request.
# They return their result in REPLY, empty if there is none: a subshell for each call would cost more than the call.
# A pattern like h=?* lists one folder, smallest name first, and goes no deeper, so a year of
# hours costs no more than an hour.

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
  # shellcheck disable=SC2154 # audit-tail has it from its options
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
