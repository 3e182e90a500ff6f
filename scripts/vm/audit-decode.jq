# The decoder of audit-tail --decode: prints one short line for each record of Azure's log. `./lab audit` reads every
# field. Needs jq 1.6 or later.
#
#   jq --null-input --raw-output --rawfile log FILE --argjson width COLUMNS --argjson color true|false \
#     --argjson show_system true|false --from-file audit-decode.jq
#
# With width 0 no line is shortened. Standard error gets [LINES HIDDEN, LINES NOT DECODED] at the end.

def painted($code): if $color and $code and . != "" then "\u001b[\($code)m\(.)\u001b[0m" else . end;

# A line can be a megabyte, and gsub and join take quadratic time in jq 1.6.
def joined($separator): map(., $separator)[:-1] | add // "";

def one_line: [split("\n")[] | split("\r")[] | split("\t")[] | split(" ")[] | select(. != "")] | joined(" ");

def hexadecimal($digits):
  . as $code | [range($digits - 1; -1; -1) as $i | ($code / pow(16; $i) | floor) % 16 | "0123456789abcdef"[.:. + 1]] | add;

# Control characters (also C1: an escape sequence could clear the screen), characters that change the direction of text,
# and those without width. The joiners U+200C and U+200D stay: some scripts need them.
def unsafe: "(?![\\x{200c}\\x{200d}])[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]";

def escape: if . < 256 then "\\x" + hexadecimal(2) elif . < 65536 then "\\u" + hexadecimal(4) else "\\u{\(hexadecimal(5))}" end;

def printable:
  if test(unsafe) then
    explode | map(if (. < 32 or . > 126) and ([.] | implode | test(unsafe)) then escape | explode[] else . end) | implode
  else . end;

# Shortened to so many characters; 0 keeps all.
def cut($room): if $room > 0 and length > $room then .[:$room - 1] + "…" else . end;

# One line of at most so many characters that is safe to print.
def shown($room): (if $room > 0 then .[:16 * $room] else . end) | one_line | printable | cut($room);

def padded($columns): . + ("                    "[:$columns][length:]);

def is_value: test("\\A(<none>|<not logged>|<previously logged>)?\\z") | not;

# A field of pgAudit's entry, which is CSV.
def unquoted: if startswith("\"") then .[1:-1] | split("\"\"") | joined("\"") else . end;

# AUDIT: TYPE,ID,SUBSTATEMENT_ID,CLASS,COMMAND,OBJECT_TYPE,OBJECT_NAME,STATEMENT,PARAMETER[,ROWS]
# Source: pgAudit's README, "Format".
def field: "(?:\"[^\"]*(?:\"\"[^\"]*)*\"|[^\",]*)";
def entry: "\\AAUDIT: (?:SESSION|OBJECT),[0-9]+,[0-9]+,(?<class>\(field)),(?<command>\(field)),\(field),(?<object>\(field)),"
  + "(?<statement>\(field)),(?<parameters>\(field))(?:,-?[0-9]+)?\\z";

# The lab's log_line_prefix, `%t %p %l-1 %c %s db-%d,user-%u,app-%a,client-%h `, or the original workshop's, without the
# session (%c) and its start (%s). A name has at most 63 characters, of which an application's may be escaped as \xNN.
# $lazy: "?" for the shortest names, "" for the longest.
def prefix($lazy): "\\A[0-9-]+ [0-9:]+ \\S+ [0-9]+ [0-9]+-1 "
    + "(?:[0-9a-f]+\\.[0-9a-f]+ [0-9-]+ [0-9:]+ \\S+ )?db-(?<database>.{0,63}\($lazy)),user-(?<user>.{0,63}\($lazy))"
    + ",app-(?:\\\\x[0-9a-f]{2}|.){0,63}\($lazy),client-(?<client>[A-Za-z0-9_.:%-]*|\\[local\\]|\\?\\?\\?) "
    + "(?<severity>[A-Z]+[1-5]?):  ";

# The names in the prefix, and where the message begins. A name may contain the text between the names, to mislead: then
# the shortest and the longest reading differ, and only the names before the first difference are certain.
def beginning:
  .[:1100] as $text
  | [$text | match(prefix("?"), prefix(""))] as [$shortest, $longest]
  | [$text | match("(LOG|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|DEBUG[1-5]?):  ")] as [$any]
  | {start: 0, database: "", user: "", client: "", severity: "", ambiguous: null}
  | if $shortest then
      reduce range($shortest.captures | length) as $i (.;
        $shortest.captures[$i] as $capture
        | if .ambiguous then . elif $capture.string == $longest.captures[$i].string then .[$capture.name] = $capture.string
          else .ambiguous = "names" end)
      | if $shortest.length == $longest.length then .start = $shortest.length else .ambiguous = "message" end
    elif $any then .start = $any.offset + $any.length | .severity = $any.captures[0].string
    else . end;

# Adds the kind, and the fields of pgAudit's entry. Nothing where the entry isn't whole.
def classified:
  .message as $message
  | if .severity | test("\\A(ERROR|FATAL|PANIC)\\z") then .kind = "error"
    elif .ambiguous == "message" then .kind = "log"
    elif $message | test("\\AAUDIT: (SESSION|OBJECT),") then
      ([$message | capture(entry) | map_values(unquoted)] as [$entry] | if $entry then . + $entry | .kind = "audit" else empty end)
    elif .severity | test("\\A(WARNING|NOTICE)\\z") then .kind = "error"
    elif $message | test("\\A((replication )?connection authorized|connection (received|authenticated)|disconnection): ") then .kind = "connection"
    elif $message | test("\\A(duration: [0-9.]+ ms(  |\\z)|statement: |fastpath function call: |(parse|bind|execute) [^\\n]*: )") then .kind = "statement"
    else .kind = "log" end;

# Nothing where the line isn't a record of PostgreSQL's log, or was cut off.
def decoded:
  (try fromjson catch null | objects) as $record
  | ($record.properties | objects | select(.message | type == "string")) as $properties
  | def text($key): $properties[$key] | strings // "";
    ($properties.message | beginning)
    | if text("errorLevel") != "" then .severity = text("errorLevel") else . end
    | .message = $properties.message[.start:]
    # With log_error_verbosity `verbose` the SQLSTATE comes first.
    | .message |= if text("sqlerrcode") != "" then ltrimstr(text("sqlerrcode") + ": ") else . end
    | .detail = text("detail")
    # The time of day in UTC, as the server wrote it.
    | .time = ([text("timestamp"), $properties.message, ($record.time | strings)
        | capture("\\A[0-9-]+[ T](?<time>[0-9]{2}:[0-9]{2}:[0-9]{2})").time][0] // "--:--:--")
    | classified;

# Azure's own sessions: user `azuresu`, and connections from the server's machine that have no user yet.
# Source: public samples of PT1H.json, 2022 to 2024.
def is_system:
  .ambiguous == null and (.user == "azuresu" or (.kind == "connection" and (.user == "" or .user == "[unknown]") and
    if .client != "" then .client | test("\\A(127\\.0\\.0\\.1\\z|169\\.254\\.)")
    else .message | test("(\\A|\\W)(user=azuresu(\\W|\\z)|host=(127\\.0\\.0\\.1(\\s|\\z)|169\\.254\\.))") end));

def colors:
  {READ: 32, WRITE: 33, FUNCTION: 36, DDL: 35, ROLE: "1;35", ERROR: 31, FATAL: "1;31", PANIC: "1;31", WARNING: 33, NOTICE: 33};

# HH:MM:SS  user@database  class  command  object  statement
def short_line:
  (if .user == "" then "?" else .user end + if .database == "" then "" else "@" + .database end
    | shown(if $width > 0 then 32 else 0 end) | padded(20)) as $who
  | (.class // if .kind == "error" then .severity else .kind end) as $class
  | ($class | shown(0) | padded(10)) as $padded_class
  | (if $width > 0 then [$width - 14 - ($who + $padded_class | length), 20] | max else 0 end) as $room
  | [ (.ambiguous | select(. != null) | "[ambiguous \(.)]"),
      if .kind == "audit" then .command, .object, .statement, (.parameters | select(is_value) | "[\(.)]") else .message end,
      (.detail | select(. != "") | "(\(.))")
      | shown($room) | select(. != "") ] as $parts
  | ($parts | join("  ") | cut($room)) as $what
  | [ .time, $who, ($padded_class | painted(colors[$class] // 2)),
      ($what | painted(if $class | test("\\A(ERROR|FATAL|PANIC)\\z") then 31 else null end)) ]
  | join("  ");

# null, the last, is the end of the file.
foreach ($log | rtrimstr("\n") | split("\n")[], null) as $line ({hidden: 0, undecoded: 0};
  .shown = null
  | if $line == null or ($line | test("\\A\\s*\\z")) then .
    else [$line | decoded] as [$record]
      | if $record == null then
          .undecoded += 1 | .shown = ("not decoded:" | painted(33)) + " " + ($line | rtrimstr("\r") | printable)
        elif ($show_system | not) and ($record | is_system) then .hidden += 1
        else .shown = ($record | short_line) end
    end;
  if $line == null then [.hidden, .undecoded] | stderr | empty else .shown // empty end)
