# audit-tail --decode: makes of each of Azure's records one short line for people. `npm run audit` is the reader with
# every field; what both say of a line agrees.
#
#   awk -v width=COLUMNS -v color=true|false -v show_system=true|false -v counts=FILE -f FILE...
#
# with the files audit-*.awk of this folder.
#
# width 0 shortens nothing. The counts are written at the end: lines hidden, lines not decoded.
#
# For gawk, mawk and busybox alike, in the locale C: strings are bytes, and regular expressions know no {n}. A line can
# be a megabyte, so nothing is taken off a string's front character by character.

BEGIN {
  paint["READ"] = 32; paint["WRITE"] = 33; paint["FUNCTION"] = 36; paint["DDL"] = 35; paint["ROLE"] = "1;35"
  paint["ERROR"] = 31; paint["FATAL"] = paint["PANIC"] = "1;31"; paint["WARNING"] = paint["NOTICE"] = 33

  gap = "  "
  hidden = undecoded = 0
}

{
  sub(/\r$/, "")
  if ($0 ~ /^[ \t]*$/) next
  if (!read_json($0) || !read_record()) {
    undecoded++
    print painted("not decoded:", 33) " " printable($0, 0)
  } else if (show_system != "true" && is_system()) {
    hidden++
  } else {
    print short_line()
  }
}

END {
  print hidden, undecoded >counts
}

# Azure's own sessions look after the server all day long: user `azuresu`, and its connections before they are
# authenticated, which come from the machine itself. Source: public samples of PT1H.json, 2022 to 2024.
function is_system() {
  if (user == "azuresu") return 1
  if (kind != "connection" || (user != "" && user != "[unknown]")) return 0
  if (client != "") return client ~ /^(127\.0\.0\.1$|169\.254\.)/
  # A prefix like Azure's default names neither; the message may.
  return message ~ /(^|[^A-Za-z0-9_])(user=azuresu([^A-Za-z0-9_]|$)|host=(127\.0\.0\.1([ \t\n]|$)|169\.254\.))/
}

# HH:MM:SS  user@database  class  command  object  statement
function short_line(    who, label, room, what) {
  who = fitted((user == "" ? "?" : user) (database == "" ? "" : "@" database), 20, width > 0 ? 32 : 0)
  room = width - 8 - length(gap) - fitted_width - length(gap)
  label = class != "" ? class : kind == "error" ? severity : kind
  label = fitted(label, 10, 0)
  room -= fitted_width + length(gap)
  if (width == 0) room = 0
  else if (room < 20) room = 20
  what = printable(what_happened(room), room)
  if (severity ~ /^(ERROR|FATAL|PANIC)$/) what = painted(what, 31)
  return clock gap who gap painted(label, label_paint(label)) gap what
}

function label_paint(label) {
  sub(/ +$/, "", label)
  return label in paint ? paint[label] : 2
}

function what_happened(room,    text) {
  if (kind == "audit") {
    text = joined(one_line(command, room), one_line(object, room))
    text = joined(text, one_line(statement, room))
    if (parameters !~ /^(<none>|<not logged>|<previously logged>)?$/) text = joined(text, "[" one_line(parameters, room) "]")
  } else {
    text = one_line(message, room)
  }
  return detail == "" ? text : joined(text, "(" one_line(detail, room) ")")
}

function joined(left, right) {
  return left == "" || right == "" ? left right : left gap right
}
