import type { JsonLogLine } from "../../../../local/backends/log-shipper/log-line-prefix";
import { Decoder } from "../../../../audit/decode/decoder";
import { type LogRecord } from "../../../../audit/record";
import { KNOWN_PREFIXES, RECOMMENDED_PREFIX } from "../../../../audit/decode/log-line-prefix";
import { LOG_LINE_PREFIX } from "../../../../components/server-parameters";
import { PREFIXES } from "./capture-sessions";
import { azureLine, fixtureLines, record } from "./decoding";

interface CapturedLine {
  readonly format: string;
  readonly prefix: string;
  readonly line: JsonLogLine;
}

const LINES = fixtureLines("prefixes.jsonl").map((line) => JSON.parse(line) as CapturedLine);
const isSession = ({ line }: CapturedLine): boolean => line.remote_host !== undefined;

/** What the escapes of a prefix ought to say of a line. */
function expected({ format, line }: CapturedLine, actual: LogRecord): Partial<LogRecord> {
  const has = (letter: string): boolean =>
    new RegExp(`(?<!%)(?:%%)*%-?\\d*${letter}`).test(format) &&
    (isSession({ format, line, prefix: "" }) ||
      !format.slice(0, format.indexOf(`${letter}`)).includes("%q"));
  const named = (letter: string, value: string | undefined): string | null =>
    !has(letter) || line.remote_host === undefined ? null : (value ?? "[unknown]");
  return {
    user_name: named("u", line.user),
    database_name: named("d", line.dbname),
    application_name: named("a", line.application_name),
    client: has("h") || has("r") ? (line.remote_host ?? null) : null,
    client_port: has("r") ? (line.remote_port ?? null) : null,
    session_id: has("c") ? (line.session_id ?? null) : null,
    // The numbers differ because plain logs also count lines of DETAIL and STATEMENT.
    session_line_num: has("l") ? actual.session_line_num : null,
    backend_type: has("b") ? (line.backend_type ?? null) : null,
    process_id: has("p") || has("c") ? line.pid : null,
    sql_state_code: has("e") ? (line.state_code ?? "00000") : null,
  };
}

describe.each(PREFIXES)("log_line_prefix %j", (format) => {
  const lines = LINES.filter((line) => line.format === format);
  /** As sent through Event Hubs: only the prefix contains time and process. */
  const withoutProperties = ({ prefix, line }: CapturedLine): string =>
    azureLine(`${prefix}${line.error_severity}:  ${line.message}`, {
      timestamp: /%m/.test(format) ? undefined : line.timestamp,
      processId: undefined,
      sqlerrcode: undefined,
      errorLevel: undefined,
    });

  test("is read from PostgreSQL's lines", () => {
    expect(lines.length).toBeGreaterThan(10);
    const decoder = new Decoder({ logLinePrefix: format });
    for (const line of lines) {
      const actual = record(withoutProperties(line), {}, decoder);
      expect(actual).toMatchObject(expected(line, actual));
      expect(actual.error_severity).toBe(line.line.error_severity);
      expect(actual.time).toBe(
        new Date(`${line.line.timestamp.replace(" UTC", "Z").replace(" ", "T")}`).toISOString(),
      );
      expect(actual.message ?? actual.statement).toBe(
        actual.kind === "audit"
          ? /SELECT,,,(?:"(.*)"|([^,]*)),<not logged>$/s
              .exec(line.line.message)
              ?.slice(1)
              .find(Boolean)
          : line.line.message,
      );
    }
    expect(decoder.findings.counts).not.toHaveProperty("unknown");
    expect(decoder.findings.counts).not.toHaveProperty("ambiguous");
  });

  test("leaves pgAudit's entries readable where it isn't known, unless they contain its end", () => {
    const decoder = new Decoder();
    const records = lines.map((line) =>
      record(
        azureLine(`${line.prefix}LOG:  ${line.line.message}`, { processId: line.line.pid }),
        {},
        decoder,
      ),
    );
    const shown = records.map(({ kind, ambiguous, statement, message }) => ({
      ...{ kind, ambiguous, text: statement ?? message ?? "" },
    }));
    expect(shown).toContainEqual({ kind: "audit", ambiguous: null, text: "SELECT 1" });
    const other = shown.filter(({ text }) => text.includes("'LOG:  x'"));
    expect(other).toHaveLength(1);
    expect(other[0]?.ambiguous ?? other[0]?.kind).toMatch(/^(message|audit)$/);
  });
});

test("the program's log_line_prefix is the recommended one, which needs no --log-line-prefix", () => {
  expect(LOG_LINE_PREFIX).toBe(RECOMMENDED_PREFIX);
  expect(KNOWN_PREFIXES).toContain(RECOMMENDED_PREFIX);
});
