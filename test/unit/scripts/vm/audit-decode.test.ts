import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as fc from "fast-check";
import { LOG_LINE_PREFIX } from "../../../../components/server-parameters";
import { azureRecord } from "../../../../local/backends/log-shipper/record";
import type { JsonLogLine } from "../../../../local/backends/log-shipper/log-line-prefix";
import { PROJECT_ROOT } from "../../../../local/paths";
import { Decoder } from "../../../../audit/decode/decoder";
import { oneLine, terminalText, textWidth } from "../../../../audit/output/terminal-text";
import { type LogRecord } from "../../../../audit/record";
import { isSystemRecord } from "../../../../audit/select/filter";
import { azureLine, fixtureLines, PREFIX } from "../../audit/decode/decoding";
import { encodeEntry, entries } from "../../audit/decode/encoder";

const FOLDER = path.join(PROJECT_ROOT, "scripts", "vm");
const PROGRAMS = fs
  .readdirSync(FOLDER)
  .filter((name) => name.endsWith(".awk"))
  .flatMap((name) => ["-f", path.join(FOLDER, name)]);
/** RHEL's awk is gawk, Debian's is mawk. */
const AWKS = ["gawk", "mawk"].filter((awk) => spawnSync(awk, ["1"], { input: "" }).status === 0);

if (AWKS.length < 2) {
  console.log(
    `audit-decode.awk is tested with ${AWKS.join()} only: install gawk and mawk for both`,
  );
}

let counts: string;

beforeAll(() => {
  counts = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "audit-decode-")), "counts");
});

afterAll(() => {
  fs.rmSync(path.dirname(counts), { recursive: true });
});

interface Settings {
  readonly width?: number;
  readonly color?: boolean;
  readonly showSystem?: boolean;
}

function run(
  awk: string,
  input: string | Buffer,
  settings: Settings = {},
): SpawnSyncReturns<string> {
  const { width = 0, color = false, showSystem = true } = settings;
  const variables = { width, color, show_system: showSystem, counts };
  const args = Object.entries(variables).flatMap(([name, value]) => ["-v", `${name}=${value}`]);
  return spawnSync(awk, [...args, ...PROGRAMS], {
    input,
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
    maxBuffer: 64 * 1024 ** 2,
  });
}

/** What it makes of lines; the same with every awk. */
function shown(lines: readonly (string | Buffer)[], settings?: Settings): string[] {
  const input = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from("\n")]));
  const [first, ...others] = AWKS.map((awk) => {
    const { stdout, stderr, status } = run(awk, input, settings);
    expect({ awk, stderr, status }).toEqual({ awk, stderr: "", status: 0 });
    return stdout;
  });
  for (const other of others) expect(other).toBe(first);
  return first?.split("\n").slice(0, -1) ?? [];
}

const countsWritten = (): string => fs.readFileSync(counts, "utf8").trim();

/** The reader's record as audit-tail ought to show it. */
function expectedLine(record: LogRecord): string {
  const { kind, user_name: user, database_name: database, statement, parameters, detail } = record;
  const name = `${user ?? "?"}${database === null ? "" : `@${database}`}`;
  const label = record.class ?? (kind === "error" ? record.error_severity : kind) ?? "";
  const omitted = record.statement_omitted;
  const message = record.message ?? "";
  const values = (parameters ?? []).map(csvField).join();
  const what =
    kind === "audit"
      ? [record.command, record.object_name, statement ?? `<${omitted}>`].map((text) =>
          oneLine(text ?? ""),
        )
      : [oneLine(message)];
  if (values !== "") what.push(`[${oneLine(values)}]`);
  if (detail !== null) what.push(`(${oneLine(detail)})`);
  const pad = (text: string, width: number) =>
    text + " ".repeat(Math.max(0, width - textWidth(text)));
  return [
    record.time.slice(11, 19),
    pad(oneLine(name), 20),
    pad(label, 10),
    what.filter(Boolean).join("  "),
  ].join("  ");
}

const csvField = (text: string): string =>
  /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

function readersLines(lines: readonly string[]): string[] {
  const decoder = new Decoder();
  return lines.map((line) => {
    const [decoded] = decoder.decode(Buffer.from(line), "PT1H.json", 0);
    if (decoded?.record === undefined) return `not decoded: ${terminalText(line)}`;
    return expectedLine(decoded.record);
  });
}

const CAPTURED = fixtureLines("trail.jsonlog").map((line) => JSON.parse(line) as JsonLogLine);
const asAzure = (line: JsonLogLine, logLinePrefix: string): string =>
  azureRecord(line, { resourceId: "/servers/LabPg", location: "westeurope", logLinePrefix });

describe("what the reader and audit-tail say agrees", () => {
  test.each([LOG_LINE_PREFIX, "%t-%c-", "%m [%p] ", "%a|%u|%d|%h|"])(
    "on a real server's lines with the prefix %j",
    (prefix) => {
      const lines = CAPTURED.map((line) => asAzure(line, prefix));
      expect(shown(lines)).toEqual(readersLines(lines));
    },
  );

  test("on which lines are of Azure's own sessions", () => {
    const decoder = new Decoder();
    for (const prefix of [LOG_LINE_PREFIX, "%t-%c-"]) {
      const lines = CAPTURED.map((line) => asAzure(line, prefix));
      const isHidden = (line: string): boolean => {
        const [decoded] = decoder.decode(Buffer.from(line), "PT1H.json", 0);
        return decoded?.record !== undefined && isSystemRecord(decoded.record);
      };
      const kept = lines.filter((line) => !isHidden(line));
      expect(shown(lines, { showSystem: false })).toEqual(readersLines(kept));
      expect(countsWritten()).toBe(`${lines.length - kept.length} 0`);
      expect(kept.length).toBeLessThan(lines.length);
    }
  });

  test("on any entry of pgAudit's", () => {
    const samples = fc.sample(entries, { numRuns: 400, seed: 20261122 });
    const lines = samples.map((entry) => azureLine(`${PREFIX}LOG:  ${encodeEntry(entry)}`));
    expect(shown(lines)).toEqual(readersLines(lines));
  });
});

const AUDIT = "AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.a";
const audited = (rest: string, properties = {}): string =>
  azureLine(`${PREFIX}LOG:  ${AUDIT},${rest}`, properties);
const START = "19:24:35  alice@postgres        READ        SELECT  public.a";

describe("a line", () => {
  test("says time, user@database, class, command, object, statement, parameters; detail where there is one", () => {
    expect(
      shown([
        audited('"SELECT $1,\n  $2",<none>'),
        audited("SELECT $1,42"),
        audited("<not logged>,<not logged>,7"),
        azureLine(`${PREFIX}ERROR:  no`, { errorLevel: "ERROR", detail: "Key (id)=(1)\nexists." }),
      ]),
    ).toEqual([
      `${START}  SELECT $1, $2`,
      `${START}  SELECT $1  [42]`,
      `${START}  <not logged>`,
      "19:24:35  alice@postgres        ERROR       no  (Key (id)=(1) exists.)",
    ]);
  });

  test("names nobody where the prefix doesn't, and nobody else where names are made to mislead", () => {
    const forged = "AUDIT: SESSION,1,1,READ,SELECT,,,1,";
    const misleading = PREFIX.replace("app-psql", `app-x,client-6.6.6.6 LOG:  ${forged}`);
    expect(
      shown([
        azureLine(`2026-11-22 19:24:35 UTC-6b0341c3.1368-LOG:  ${AUDIT},SELECT 1,<none>`),
        azureLine(
          `${PREFIX.replace("app-psql", "app-a,user-root,app-b")}LOG:  ${AUDIT},SELECT 1,<none>`,
        ),
        azureLine(`${misleading}LOG:  ${AUDIT},SELECT 1,<none>`),
      ]),
    ).toEqual([
      "19:24:35  ?                     READ        SELECT  public.a  SELECT 1",
      `${START}  SELECT 1`,
      expect.stringMatching(/^19:24:35 {2}\? {21}log {9}2026-11-22 19:24:35 UTC 4940/),
    ]);
  });

  test("is read from keys in any order, with unknown ones, and text in it that looks like keys", () => {
    const { properties, ...others } = JSON.parse(
      audited('"SELECT \'\\"",""properties"":{""message"":""no""}}\'",<none>'),
    ) as { properties: { message: string } };
    const { message, ...rest } = properties;
    const odd = {
      properties: 1,
      message: "no",
      list: [{ properties: { message: "no" } }, "]", null],
    };
    const line = JSON.stringify({
      odd,
      ...others,
      message: "no",
      properties: { odd, message, ...rest },
      more: odd,
    });
    const spaced = JSON.stringify(JSON.parse(line), null, 1).replaceAll("\n", " ");
    const expected = `${START}  SELECT '\\","properties":{"message":"no"}}'`;
    expect(shown([line, spaced, `${line}\r`])).toEqual([expected, expected, expected]);
  });

  test("has JSON's escapes undone, halves of surrogate pairs too", () => {
    const escapes = String.raw`'\u017elu\u0165 \/ \\n \ud83d\udc18 \ud83d.\t\udc18'`;
    const line = audited("SELECT,<none>").replace("SELECT,<", () => `SELECT ${escapes},<`);
    expect(shown([line])).toEqual([`${START}  SELECT 'žluť / \\n 🐘 ${"\ufffd"}. ${"\ufffd"}'`]);
  });

  test("can't do anything to the terminal", () => {
    const line = audited("\u001b]0;title\u0007\u009b2J\u202edrop\u200b\u007f 👩\u200d💻,<none>");
    expect(shown([line])).toEqual([
      `${START}  \\x1b]0;title\\x07\\x9b2J\\u202edrop\\u200b\\x7f 👩\u200d💻`,
    ]);
  });

  test("fits the terminal, of whatever letters", () => {
    const width = 80;
    const texts = [
      "x".repeat(200),
      "東".repeat(200),
      "é 🐘".repeat(99),
      "\u001b".repeat(99),
      "short",
    ];
    const lines = shown(
      texts.map((text) => audited(`SELECT ${text},<none>`)),
      { width },
    );
    expect(lines.map((line) => textWidth(line) <= width)).toEqual(texts.map(() => true));
    expect(lines.map((line) => line.endsWith("…"))).toEqual([true, true, true, true, false]);
    expect(textWidth(lines[0] ?? "")).toBe(width);
  });

  test("is coloured if asked", () => {
    const error = azureLine(`${PREFIX}ERROR:  no`, { errorLevel: "ERROR" });
    expect(shown([audited("SELECT 1,<none>"), error], { color: true })).toEqual([
      "19:24:35  alice@postgres        \u001b[32mREAD      \u001b[0m  SELECT  public.a  SELECT 1",
      "19:24:35  alice@postgres        \u001b[31mERROR     \u001b[0m  \u001b[31mno\u001b[0m",
    ]);
  });

  test("of a megabyte is read whole", () => {
    const statement = 'SELECT "é",\n'.repeat(90_000);
    const line = audited(`"${statement.replaceAll('"', '""')}",<none>`);
    expect(line.length).toBeGreaterThan(1024 ** 2);
    expect(shown([line])).toEqual([`${START}  ${oneLine(statement)}`]);
  });
});

describe("a line that can't be decoded", () => {
  const whole = audited('"SELECT 1, 2",<none>');
  test.each([
    ["cut off", whole.slice(0, -30)],
    ["with more behind it", `${whole}}`],
    ["with a control character in a text", whole.replace("SELECT 1", "SELECT\u00011")],
    ["with an escape that JSON hasn't", whole.replace("SELECT 1", String.raw`SELECT \x1`)],
    [
      "without a message",
      '{"properties":{"timestamp":"2026-11-22 19:24:35.684 UTC"},"message":"no"}',
    ],
    ["whose entry was cut off", audited("SELECT 1")],
    ["whose quotes aren't closed", audited('"SELECT 1, 2,<none>')],
    ["whose quotes aren't doubled", audited('"SELECT "1", 2",<none>')],
    ["that isn't JSON", "LOG:  2, \u001b[2J"],
  ])("%s is shown as it is, marked and counted", (_, line) => {
    const lines = shown([whole, line, whole]);
    expect(lines[1]).toBe(`not decoded: ${terminalText(line)}`);
    expect([lines[0], lines[2]]).toEqual([`${START}  SELECT 1, 2`, `${START}  SELECT 1, 2`]);
    expect(countsWritten()).toBe("0 1");
  });

  test("by bytes that aren't UTF-8 or are NUL is shown all the same", () => {
    const line = Buffer.concat([Buffer.from('{"a":'), Buffer.from([0xff, 0xc3, 0x00, 0xe2, 0x82])]);
    expect(shown([line])).toEqual(['not decoded: {"a":\\xff\\xc3\\x00\\xe2\\x82']);
  });

  test("is none where it is empty", () => {
    expect(shown(["", " ", "\r"])).toEqual([]);
    expect(countsWritten()).toBe("0 0");
  });
});
