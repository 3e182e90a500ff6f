# JSON: a line that JSON.parse refuses is refused, but for mistakes in strings that nobody wants. Part of audit-decode.awk.

BEGIN {
  for (i = 0; i < 16; i++) {
    hex_digit[substr("0123456789abcdef", i + 1, 1)] = i
    hex_digit[substr("0123456789ABCDEF", i + 1, 1)] = i
  }
  escaped["\""] = "\""; escaped["/"] = "/"; escaped["b"] = "\b"; escaped["f"] = "\f"
  escaped["n"] = "\n"; escaped["r"] = "\r"; escaped["t"] = "\t"
  for (i = 1; i < 256; i++) byte[i] = sprintf("%c", i)
  replacement = "\357\277\275"
}

# Fills raw[] with the values that is_wanted[] names, strings as they are escaped, with a quote before them. Returns
# whether the line is JSON, whole; unescaping sets is_malformed where a string isn't.
# The line is cut at every quote: the pieces outside of strings are short, and read character by character.
function read_json(line,    count, piece, last, start, size) {
  split("", raw)
  is_malformed = 0
  depth = 0
  expected = "value"
  count = split(line, pieces, /"/)
  start = 1
  for (piece = 1; ; piece = last + 1) {
    if (!read_structure(pieces[piece])) return 0
    if (piece == count) return expected == "end"
    start += length(pieces[piece]) + 1
    size = 0
    for (last = piece + 1; ; last++) {
      if (last >= count) return 0
      size += length(pieces[last])
      if (!ends_with_escape(pieces[last])) break
      size++
    }
    if (!read_string(line, start, size)) return 0
    start += size + 1
  }
}

# Whether the quote after the piece belongs to the string: it stands after an odd number of backslashes.
function ends_with_escape(piece,    at) {
  for (at = length(piece); at > 0 && substr(piece, at, 1) == "\\"; at--) continue
  return (length(piece) - at) % 2
}

function read_structure(text,    first) {
  for (;;) {
    sub(/^[ \t]+/, "", text)
    if (text == "") return 1
    first = substr(text, 1, 1)
    if (first == "{" || first == "[") {
      if (expected !~ /value$/) return 0
      opened[++depth] = first
      expected = first == "{" ? "first key" : "first value"
    } else if (first == "}" || first == "]") {
      if (depth == 0 || opened[depth] != (first == "}" ? "{" : "[")) return 0
      if (expected != "separator" && expected != (first == "}" ? "first key" : "first value")) return 0
      depth--
      value_ended()
    } else if (first == ",") {
      if (expected != "separator") return 0
      expected = opened[depth] == "{" ? "key" : "value"
    } else if (first == ":") {
      if (expected != "colon") return 0
      expected = "value"
    } else {
      if (expected !~ /value$/) return 0
      if (!match(text, /^(true|false|null|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?)/)) return 0
      if (path() in is_wanted) raw[path()] = substr(text, 1, RLENGTH)
      text = substr(text, RLENGTH + 1)
      value_ended()
      continue
    }
    text = substr(text, 2)
  }
}

function read_string(line, start, size) {
  if (expected ~ /key$/) {
    key[depth] = unescaped(substr(line, start, size))
    expected = "colon"
    return 1
  }
  if (expected !~ /value$/) return 0
  if (path() in is_wanted) raw[path()] = "\"" substr(line, start, size)
  value_ended()
  return 1
}

function value_ended() {
  expected = depth > 0 ? "separator" : "end"
}

# Which value it is: a key of the record, or of its properties.
function path() {
  if (depth == 1 && opened[1] == "{") return key[1]
  if (depth == 2 && opened[1] == "{" && opened[2] == "{" && key[1] == "properties") return "properties." key[2]
  return ""
}

# A wanted string's text; empty where the value is none.
function string_of(name) {
  if (substr(raw[name], 1, 1) != "\"") return ""
  return unescaped(substr(raw[name], 2))
}

function unescaped(text,    count, parts, part, first, code, low, out, whole) {
  if (text ~ /[\001-\037]/) is_malformed = 1
  if (!index(text, "\\")) return text
  count = split(text, parts, /\\/)
  out = parts[1]
  for (part = 2; part <= count; part++) {
    first = substr(parts[part], 1, 1)
    if (first == "") {
      # Two backslashes: what follows the second is text.
      out = out "\\" parts[++part]
    } else if (first == "u") {
      code = hex4(parts[part])
      if (code >= 55296 && code <= 56319 && length(parts[part]) == 5 && substr(parts[part + 1], 1, 1) == "u") {
        low = hex4(parts[part + 1])
        if (low >= 56320 && low <= 57343) {
          code = 65536 + (code - 55296) * 1024 + low - 56320
          part++
        }
      }
      out = out utf8(code) substr(parts[part], 6)
    } else if (first in escaped) {
      out = out escaped[first] substr(parts[part], 2)
    } else {
      is_malformed = 1
    }
    # Short strings are added to, and seldom to the long one, which is copied each time.
    if (length(out) > 4096) {
      whole = whole out
      out = ""
    }
  }
  return whole out
}

function hex4(text,    at, digit, value) {
  for (at = 2; at <= 5; at++) {
    digit = substr(text, at, 1)
    if (!(digit in hex_digit)) {
      is_malformed = 1
      return 0
    }
    value = value * 16 + hex_digit[digit]
  }
  return value
}

# Half of a surrogate pair is no character, and NUL none of PostgreSQL's.
function utf8(code) {
  if (code == 0 || (code >= 55296 && code <= 57343)) return replacement
  if (code < 128) return byte[code]
  if (code < 2048) return byte[192 + int(code / 64)] byte[128 + code % 64]
  if (code < 65536) return byte[224 + int(code / 4096)] byte[128 + int(code / 64) % 64] byte[128 + code % 64]
  return byte[240 + int(code / 262144)] byte[128 + int(code / 4096) % 64] byte[128 + int(code / 64) % 64] byte[128 + code % 64]
}
