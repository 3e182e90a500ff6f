# Text that fits a terminal and does nothing to it. Part of audit-decode.awk.

BEGIN {
  for (i = 1; i < 256; i++) code_of[sprintf("%c", i)] = i
  ellipsis = "\342\200\246"
}

# In one line: whatever space there is between words becomes one. Of a long text only what may find room.
function one_line(text, room,    is_cut) {
  if (room > 0 && length(text) > 16 * room) {
    text = substr(text, 1, 16 * room)
    sub(/[\300-\377][\200-\277]*$/, "", text)
    is_cut = 1
  }
  gsub(/[ \t\n\v\f\r]+/, " ", text)
  sub(/^ /, "", text)
  sub(/ $/, "", text)
  return is_cut ? text ellipsis : text
}

# Padded to the least width, and cut to the most, 0 being any. Sets fitted_width.
function fitted(text, least, most) {
  text = printable(one_line(text, most), most)
  fitted_width = printed_width
  for (; fitted_width < least; fitted_width++) text = text " "
  return text
}

function painted(text, code) {
  return color == "true" && text != "" ? "\033[" code "m" text "\033[0m" : text
}

# The text with an escape for each character that must not reach a terminal as it is, cut to so many columns, 0 being
# any. Sets printed_width. Characters from U+2E80 on count as two columns wide, all others as one.
function printable(text, room,    size, at, out, whole, kept, shown, columns) {
  if (text !~ /[^ -~]/) {
    printed_width = length(text)
    if (room == 0 || printed_width <= room) return text
    printed_width = room
    return substr(text, 1, room - 1) ellipsis
  }
  printed_width = 0
  size = length(text)
  for (at = 1; at <= size; at += char_size) {
    read_char(text, at)
    shown = is_unsafe(char_code) ? escape_of(char_code) : substr(text, at, char_size)
    columns = shown ~ /^\\./ ? length(shown) : char_code >= 11904 ? 2 : 1
    printed_width += columns
    if (room > 0 && printed_width > room) {
      printed_width = room
      return kept ellipsis
    }
    out = out shown
    if (room > 0 && printed_width < room) kept = out
    if (room == 0 && length(out) > 4096) {
      whole = whole out
      out = ""
    }
  }
  return whole out
}

# Sets char_code and char_size; a byte that isn't of UTF-8 has a negative code.
function read_char(text, at,    lead, size, code, follow, next_byte) {
  lead = code_of[substr(text, at, 1)] + 0
  char_size = 1
  char_code = lead < 128 ? lead : -lead
  if (lead < 194 || lead > 244) return
  size = lead < 224 ? 2 : lead < 240 ? 3 : 4
  code = lead - (size == 2 ? 192 : size == 3 ? 224 : 240)
  for (follow = 1; follow < size; follow++) {
    next_byte = code_of[substr(text, at + follow, 1)] + 0
    if (next_byte < 128 || next_byte > 191) return
    code = code * 64 + next_byte - 128
  }
  if ((size == 3 && code < 2048) || (size == 4 && (code < 65536 || code > 1114111)) || (code >= 55296 && code <= 57343)) return
  char_size = size
  char_code = code
}

# Control characters (an escape sequence in a statement could clear the screen), those that turn the direction of text
# or have no width, and bytes that are no character. The joiners, U+200C and U+200D, stay: some scripts need them.
function is_unsafe(code) {
  if (code < 32 || (code >= 127 && code <= 159) || code == 173) return 1
  if (code < 1536) return 0
  return code <= 1541 || code == 1564 || code == 1757 || code == 1807 || code == 6158 || code == 8203 \
    || code == 8206 || code == 8207 || (code >= 8232 && code <= 8238) || (code >= 8288 && code <= 8303) \
    || code == 65279 || (code >= 65529 && code <= 65531) || (code >= 917504 && code <= 917631)
}

function escape_of(code) {
  if (code < 0) code = -code
  return code < 256 ? sprintf("\\x%02x", code) : code < 65536 ? sprintf("\\u%04x", code) : sprintf("\\u{%x}", code)
}
