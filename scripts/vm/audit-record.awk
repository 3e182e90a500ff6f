# PostgreSQL's line in one of Azure's records, and pgAudit's entry in it. Part of audit-decode.awk.

BEGIN {
  is_wanted["time"] = is_wanted["properties.timestamp"] = is_wanted["properties.processId"] = 1
  is_wanted["properties.errorLevel"] = is_wanted["properties.sqlerrcode"] = 1
  is_wanted["properties.prefix"] = is_wanted["properties.message"] = is_wanted["properties.detail"] = 1
}

# Sets clock, user, database, client, severity, kind, message, detail and for pgAudit's entries class, command, object,
# statement and parameters. Returns whether the record is one of PostgreSQL's, and pgAudit's entry whole.
function read_record(    text, start) {
  user = database = client = message = class = command = object = statement = parameters = ""
  kind = "log"
  if (substr(raw["properties.message"], 1, 1) != "\"") return 0
  text = string_of("properties.message")
  severity = string_of("properties.errorLevel")
  detail = string_of("properties.detail")
  if (string_of("properties.prefix") != "") {
    # Servers of the time before flexible servers have the prefix beside the message, and no severity in it.
    text = string_of("properties.prefix") (severity == "" ? "LOG" : severity) ":  " text
  }
  clock = clock_of(string_of("properties.timestamp"), text, string_of("time"))
  start = message_start(text)
  message = start > 0 ? substr(text, start) : text
  if (is_malformed) return 0
  if (severity ~ /^(ERROR|FATAL|PANIC)$/) {
    kind = "error"
  } else if (start > 0 && message ~ /^AUDIT: (SESSION|OBJECT),/) {
    kind = "audit"
    return read_entry(message)
  } else if (severity ~ /^(WARNING|NOTICE)$/) {
    kind = "error"
  } else if (start > 0 && message ~ /^(((replication )?connection authorized|connection (received|authenticated)|disconnection): )/) {
    kind = "connection"
  } else if (start > 0 && message ~ /^(duration: [0-9.]+ ms(  |$)|statement: |fastpath function call: |(parse|bind|execute) [^\n]*: )/) {
    kind = "statement"
  }
  return 1
}

# The time of day, as the server wrote it: on Azure in UTC.
function clock_of(timestamp, text, time) {
  if (timestamp ~ /^[0-9]+-[0-9]+-[0-9]+ [0-9][0-9]:[0-9][0-9]:[0-9][0-9]/) return substr(timestamp, 12, 8)
  if (text ~ /^[0-9]+-[0-9]+-[0-9]+ [0-9][0-9]:[0-9][0-9]:[0-9][0-9]/) return substr(text, 12, 8)
  if (time ~ /^[0-9]+-[0-9]+-[0-9]+T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]/) return substr(time, 12, 8)
  return "--:--:--"
}

# Where the message begins, after log_line_prefix and severity; 0 if that can't be told, because names in the prefix
# hold what stands between them. Knows the stack's `%t %p %l-1 db-%d,user-%u,app-%a,client-%h `; of any other prefix
# nothing is taken. With the stack's, every end is tried that the longest names allow: 720 bytes.
function message_start(text,    beginning, from, end, found, words) {
  beginning = substr(text, 1, 1100)
  if (match(beginning, /^[0-9]+-[0-9]+-[0-9]+ [0-9]+:[0-9]+:[0-9]+ ([A-Za-z]+|[-+][0-9]+) [0-9]+ [0-9]+-1 db-/)) {
    from = RLENGTH + 1
    split(substr(beginning, 1, RLENGTH), words, / /)
    if (raw["properties.processId"] !~ /[0-9]/ || raw["properties.processId"] ~ ("^\"?" words[4] "$")) {
      for (end = severity_start(beginning, from, 721, severity); end; end = severity_start(beginning, end + 1, 721, severity)) {
        if (!read_names(substr(beginning, from, end - from), found)) continue
        if (found) {
          user = database = client = ""
          return 0
        }
        found = end
      }
    }
  }
  if (!found) found = severity_start(beginning, 1, 1024, severity)
  if (!found) found = severity_start(beginning, 1, 1024, "")
  return found ? after_severity(beginning, found) : 1
}

# Where `LOG:  ` begins, from one place on up to another; 0 if it doesn't. An empty word stands for any severity.
function severity_start(text, from, to, word,    colon, found, place) {
  for (colon = from - 1; ; ) {
    found = index(substr(text, colon + 1), ":  ")
    if (!found) return 0
    colon += found
    if (word != "") {
      place = colon - length(word)
      if (substr(text, place < 1 ? 1 : place, length(word)) != word) place = 0
    } else {
      place = match(substr(text, 1, colon - 1), /(LOG|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|DEBUG[1-5]?|DETAIL|HINT|QUERY|CONTEXT|STATEMENT|LOCATION|BACKTRACE)$/)
    }
    if (place > to) return 0
    if (place >= from) return place
  }
}

# With log_error_verbosity `verbose` the SQLSTATE stands before the message: `LOG:  00000: connection received`.
function after_severity(text, start,    colon, state, known) {
  colon = start + index(substr(text, start), ":  ") - 1
  if (severity == "") severity = substr(text, start, colon - start)
  start = colon + 3
  state = substr(text, start, 5)
  known = string_of("properties.sqlerrcode")
  if (substr(text, start + 5, 2) != ": ") return start
  if (known == "" ? state ~ /^[0-9A-Z]+$/ && state ~ /[0-9]/ : state == known) return start + 7
  return start
}

# What stands between `db-` and the severity: DATABASE,user-USER,app-APPLICATION,client-HOST and a space. A name has at
# most 63 bytes, and any client calls its application what it likes: that name is taken as long as can be.
# Keeps what an earlier call has found. Returns whether the text reads so.
function read_names(text, is_second,    count, parts, host, names, app, at, before, name_at, name) {
  if (substr(text, length(text)) != " ") return 0
  text = substr(text, 1, length(text) - 1)
  count = split(text, parts, /,client-/)
  host = parts[count]
  if (count < 2 || host !~ /^([A-Za-z0-9_.:%-]*|\[local\]|\?\?\?)$/) return 0
  names = substr(text, 1, length(text) - length(host) - 8)
  for (at = next_place(names, ",app-", 1); at; at = next_place(names, ",app-", at + 1)) {
    app = substr(names, at + 5)
    gsub(/\\x[0-9a-f][0-9a-f]/, "?", app)
    if (length(app) > 63) continue
    before = substr(names, 1, at - 1)
    for (name_at = next_place(before, ",user-", 1); name_at; name_at = next_place(before, ",user-", name_at + 1)) {
      name = substr(before, name_at + 6)
      if (name_at > 64 || length(name) > 63) continue
      if (is_second) return 1
      database = substr(before, 1, name_at - 1)
      user = name
      client = host
      return 1
    }
  }
  return 0
}

function next_place(text, word, from,    found) {
  found = index(substr(text, from), word)
  return found ? found + from - 1 : 0
}

# AUDIT: TYPE,ID,SUBSTATEMENT_ID,CLASS,COMMAND,OBJECT_TYPE,OBJECT_NAME,STATEMENT,PARAMETER[,ROWS]
# Source: pgAudit's README, "Format". Returns whether it is whole.
function read_entry(message,    number) {
  if (!match(message, /^AUDIT: (SESSION|OBJECT),[0-9]+,[0-9]+,/)) return 0
  rest = substr(message, RLENGTH + 1)
  for (number = 4; number <= 9; number++) {
    is_last = 0
    if (!take_field() || (is_last && number < 9)) return 0
    if (number == 4) class = field
    else if (number == 5) command = field
    else if (number == 7) object = field
    else if (number == 8) statement = field
    else if (number == 9) parameters = field
  }
  return is_last || rest ~ /^-?[0-9]+$/
}

# Takes the first field off rest. A field with a comma, a quote or a line end stands in quotes, its own ones doubled.
function take_field(    size) {
  if (substr(rest, 1, 1) != "\"") {
    size = index(rest, ",")
    is_last = !size
    field = size ? substr(rest, 1, size - 1) : rest
    rest = size ? substr(rest, size + 1) : ""
    return !index(field, "\"")
  }
  size = closing_quote(rest)
  if (!size) return 0
  field = substr(rest, 2, size - 2)
  if (index(field, "\"")) gsub(/""/, "\"", field)
  rest = substr(rest, size + 1)
  is_last = rest == ""
  if (!is_last && substr(rest, 1, 1) != ",") return 0
  rest = substr(rest, 2)
  return 1
}

# Where the quote stands that closes the one at the text's beginning; 0 if none does.
function closing_quote(text,    count, part, at) {
  count = split(text, pieces, /"/)
  at = 1
  for (part = 2; part < count; part += 2) {
    at += length(pieces[part]) + 1
    if (part + 1 == count || pieces[part + 1] != "") return at
    at++
  }
  return 0
}
