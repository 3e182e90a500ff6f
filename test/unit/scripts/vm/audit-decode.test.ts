import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { azureRecord } from "../../../../local/backends/log-shipper/record";
import type { JsonLogLine } from "../../../../local/backends/log-shipper/log-line-prefix";
import { LOG_LINE_PREFIX } from "../../../../components/server-parameters";
import { PROJECT_ROOT } from "../../../../local/paths";
import { ensureDebianPackages } from "../../../../local/setup/system-packages";
import { azureLine, fixtureLines, PREFIX } from "../../audit/decode/decoding";
import { tempFolder } from "../../support/temp-folder";

const folder = tempFolder();

beforeAll(() => ensureDebianPackages(["jq"], console.log), 300_000);

interface Settings {
  readonly width?: number;
  readonly color?: boolean;
  readonly showSystem?: boolean;
}

/** The decoder's lines for lines of a log, and its counts: [hidden, not decoded]. */
function decode(lines: readonly (string | Buffer)[], settings: Settings = {}) {
  const { width = 0, color = false, showSystem = true } = settings;
  const log = path.join(folder(), "PT1H.json");
  fs.writeFileSync(
    log,
    Buffer.concat(lines.map((line) => Buffer.from([...Buffer.from(line), 10]))),
  );
  const values = Object.entries({ width, color, show_system: showSystem });
  const { status, stdout, stderr } = spawnSync(
    "jq",
    [
      ...["--null-input", "--raw-output", "--rawfile", "log", log],
      ...values.flatMap(([name, value]) => ["--argjson", name, String(value)]),
      ...["--from-file", path.join(PROJECT_ROOT, "scripts", "vm", "audit-decode.jq")],
    ],
    { encoding: "utf8", maxBuffer: 64 * 1024 ** 2 },
  );
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: expect.stringMatching(/^\[\d+,\d+\]$/) as unknown,
  });
  return { lines: stdout.split("\n").slice(0, -1), counts: JSON.parse(stderr) as number[] };
}
const shown = (lines: readonly (string | Buffer)[], settings?: Settings) =>
  decode(lines, settings).lines;

const AUDIT = "AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.a";
const audited = (rest: string): string => azureLine(`${PREFIX}LOG:  ${AUDIT},${rest}`);
const START = "19:24:35  alice@postgres        READ        SELECT  public.a";

describe("lines of a real server", () => {
  const captured = (logLinePrefix: string) =>
    fixtureLines("trail.jsonlog").map((line) =>
      azureRecord(JSON.parse(line) as JsonLogLine, {
        ...{ resourceId: "/servers/LabPg", location: "westeurope", logLinePrefix },
      }),
    );

  test.each([
    ["the lab", LOG_LINE_PREFIX],
    ["the original workshop", "%t %p %l-1 db-%d,user-%u,app-%a,client-%h "],
  ])("are decoded with the prefix of %s, without Azure's own sessions", (_, prefix) => {
    const { lines, counts } = decode(captured(prefix), { showSystem: false });
    expect(counts).toEqual([166, 0]);
    expect(lines).toEqual(
      expect.arrayContaining([
        "15:10:11  alice@Sales, \"EU\" – Zürich  READ        SELECT  SELECT 'of alice'",
        "15:10:11  alice@Sales, \"EU\" – Zürich  MISC        SET  SET application_name = ''",
        '15:10:11  alice@no such database  FATAL       database "no such database" does not exist',
      ]),
    );
  });

  test.each(["%t-%c-", "%m [%p] "])("name nobody with the prefix %j", (prefix) => {
    const { lines, counts } = decode(captured(prefix));
    expect(counts).toEqual([0, 0]);
    expect(lines).toContain(
      "15:10:11  ?                     DDL         CREATE TABLE  public.a  CREATE TABLE a(id int);",
    );
  });
});

describe("a line", () => {
  test("has time, user@database, class, command, object, statement, parameters; the detail if there is one", () => {
    const detail = "Key (id)=(1)\nexists.";
    expect(
      shown([
        audited('"SELECT $1,\n  $2",<none>'),
        audited("SELECT $1,42"),
        audited('"SELECT ""a"", $1","1,""x"""'),
        audited("<not logged>,<not logged>,7"),
        azureLine(`${PREFIX}ERROR:  23505: no`, {
          errorLevel: "ERROR",
          sqlerrcode: "23505",
          detail,
        }),
        azureLine(`${PREFIX}LOG:  duration: 1.5 ms`),
      ]),
    ).toEqual([
      `${START}  SELECT $1, $2`,
      `${START}  SELECT $1  [42]`,
      `${START}  SELECT "a", $1  [1,"x"]`,
      `${START}  <not logged>`,
      "19:24:35  alice@postgres        ERROR       no  (Key (id)=(1) exists.)",
      "19:24:35  alice@postgres        statement   duration: 1.5 ms",
    ]);
  });

  test("names nobody where the prefix doesn't, and nobody else where a name is misleading", () => {
    const forged = "x,client-6.6.6.6 LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,1,";
    const misleading = (application: string) =>
      azureLine(
        `${PREFIX.replace("app-psql", `app-${application}`)}LOG:  ${AUDIT},SELECT 1,<none>`,
      );
    expect(
      shown([
        azureLine(`2026-11-22 19:24:35 UTC-6b0341c3.1368-LOG:  ${AUDIT},SELECT 1,<none>`),
        misleading("a,user-root,app-b"),
        misleading(forged),
        azureLine(
          `${PREFIX.replace("user-alice", "user-azuresu,app-z")}LOG:  ${AUDIT},SELECT 1,<none>`,
        ),
      ]),
    ).toEqual([
      "19:24:35  ?                     READ        SELECT  public.a  SELECT 1",
      "19:24:35  ?                     READ        [ambiguous names]  SELECT  public.a  SELECT 1",
      expect.stringMatching(
        /^19:24:35 {2}alice@postgres {8}log {9}\[ambiguous message\] {2}2026-11-22 19:24:35 UTC 4940/,
      ),
      "19:24:35  ?@postgres            READ        [ambiguous names]  SELECT  public.a  SELECT 1",
    ]);
  });

  test("of a role that is called like Azure's own user isn't hidden", () => {
    const line = (user: string) =>
      azureLine(`${PREFIX.replace("user-alice", `user-${user}`)}LOG:  ${AUDIT},SELECT 1,<none>`);
    const { lines, counts } = decode([line("azuresu"), line("azuresu,app-z")], {
      showSystem: false,
    });
    expect(counts).toEqual([1, 0]);
    expect(lines).toEqual([expect.stringContaining("[ambiguous names]")]);
  });

  test("can't control the terminal", () => {
    const line = audited("\u001b]0;title\u0007\u009b2J\u202edrop\u200b\u007f 👩\u200d💻,<none>");
    expect(shown([line, "LOG:  2, \u001b[2J"])).toEqual([
      `${START}  \\x1b]0;title\\x07\\x9b2J\\u202edrop\\u200b\\x7f 👩\u200d💻`,
      "not decoded: LOG:  2, \\x1b[2J",
    ]);
  });

  test("is cut to the terminal's width, its control characters included", () => {
    const texts = ["x".repeat(200), "\u001b".repeat(99), "é 🐘".repeat(99)];
    const lines = shown(
      texts.map((text) => audited(`SELECT ${text},<none>`)),
      { width: 80 },
    );
    for (const line of lines) expect([[...line].length, line.at(-1)]).toEqual([80, "…"]);
    expect(shown([audited("SELECT 1,<none>")], { width: 80 })).toEqual([`${START}  SELECT 1`]);
  });

  test("is coloured if asked", () => {
    const error = azureLine(`${PREFIX}ERROR:  no`, { errorLevel: "ERROR" });
    expect(shown([audited("SELECT 1,<none>"), error], { color: true })).toEqual([
      "19:24:35  alice@postgres        \u001b[32mREAD      \u001b[0m  SELECT  public.a  SELECT 1",
      "19:24:35  alice@postgres        \u001b[31mERROR     \u001b[0m  \u001b[31mno\u001b[0m",
    ]);
  });

  test("of a megabyte is decoded whole", () => {
    const statement = 'SELECT "é",\n'.repeat(90_000);
    const line = audited(`"${statement.replaceAll('"', '""')}",<none>`);
    expect(line.length).toBeGreaterThan(1024 ** 2);
    expect(shown([line])).toEqual([`${START}  ${statement.replaceAll("\n", " ").trim()}`]);
  });
});

describe("a line that can't be decoded", () => {
  const whole = audited('"SELECT 1, 2",<none>');
  test.each([
    ["cut off", whole.slice(0, -30)],
    ["with text after the record", `${whole}}`],
    ["without a message", '{"properties":{"timestamp":"2026-11-22 19:24:35 UTC"},"message":"no"}'],
    ["whose entry is cut off", audited("SELECT 1")],
    ["whose quotes aren't closed", audited('"SELECT 1, 2,<none>')],
    ["whose quotes aren't doubled", audited('"SELECT "1", 2",<none>')],
    ["that is another JSON value", "[1]"],
  ])("%s is shown as it is, marked and counted", (_, line) => {
    const { lines, counts } = decode([whole, line, `${whole}\r`]);
    expect(lines).toEqual([
      `${START}  SELECT 1, 2`,
      `not decoded: ${line}`,
      `${START}  SELECT 1, 2`,
    ]);
    expect(counts).toEqual([0, 1]);
  });

  test("because its bytes aren't UTF-8 is shown without them", () => {
    const line = Buffer.concat([Buffer.from('{"a":'), Buffer.from([0xff, 0x00])]);
    expect(shown([line])).toEqual(['not decoded: {"a":\ufffd\\x00']);
  });

  test("is not counted where it is empty", () =>
    expect(decode(["", " ", "\r"])).toEqual({ lines: [], counts: [0, 0] }));
});
