import { type CommandLineContext, parseCommandLine } from "../../../audit/command-line";
import { version } from "../../../audit/package.json";

const CONTEXT: CommandLineContext = {
  program: "pg-audit",
  hasStacks: true,
  env: {},
  now: new Date("2026-11-22T15:30:00Z"),
  folder: "/home/dba",
  localZone: "UTC",
};
const parse = (...argv: string[]) => parseCommandLine(argv, CONTEXT);

describe("options", () => {
  test("without arguments: the last hour of the default stack", () => {
    expect(parse()).toMatchObject({
      paths: [],
      stack: undefined,
      follow: false,
      range: { since: new Date("2026-11-22T14:30:00Z"), until: undefined },
      result: { kind: "list" },
      format: undefined,
    });
  });

  test("without a range files are read whole, and --follow begins now", () => {
    expect(parse("trail")?.range.since).toBeUndefined();
    expect(parse("--since", "all")?.range.since).toBeUndefined();
    expect(parse("--follow")?.range).toEqual({});
    expect(parse("--follow", "--since", "all")?.range).toEqual({ all: true });
  });

  test("paths are relative to the user's folder; - is standard input", () => {
    expect(parse("trail", "/var/log/x.json")?.paths).toEqual([
      "/home/dba/trail",
      "/var/log/x.json",
    ]);
    expect(parse("-")?.paths).toEqual(["-"]);
    expect(parse("--html", "report.html")?.result).toEqual({
      kind: "html",
      file: "/home/dba/report.html",
    });
  });

  test("filters take several values with commas", () => {
    expect(
      parse("--class", "write, DDL", "--object", "public.*", "--pid", "12")?.filters,
    ).toMatchObject({ class: ["write", "DDL"], object: ["public.*"], processId: ["12"] });
  });

  test("rules are applied if something shows what they find", () => {
    expect(parse()?.rules).toBeUndefined();
    expect(parse("--summary")?.rules).toMatchObject({ folders: [], isCounted: false });
    expect(parse("--fail-on", "high")).toMatchObject({ failOn: "high", result: { kind: "list" } });
    expect(
      parse("--notable", "--rules", "mine", "--rules", "/etc/rules", "--known", "known"),
    ).toMatchObject({
      result: { kind: "notable" },
      rules: { folders: ["/home/dba/mine", "/etc/rules"], knownFile: "/home/dba/known" },
    });
  });

  test("a tunnel's address may come from the environment", () => {
    const env = { AUDIT_CONNECT_TO: "127.0.0.1:10000" };
    const address = { host: "127.0.0.1", port: 10000 };
    expect(parseCommandLine([], { ...CONTEXT, env })?.connectTo).toEqual(address);
  });
});

describe("the zone of times", () => {
  const at = (localZone: string, ...argv: string[]) => {
    const options = parseCommandLine(["trail", ...argv], { ...CONTEXT, localZone });
    const { range, outputZone, assumedZone } = options ?? {};
    return { since: range?.since?.toISOString(), outputZone, assumedZone };
  };

  test("is this machine's by default, which is mentioned; tables are in UTC", () => {
    expect(at("Europe/Paris", "--since", "10:00")).toEqual({
      since: "2026-11-22T09:00:00.000Z",
      outputZone: "UTC",
      assumedZone: "Europe/Paris",
    });
    expect(at("UTC", "--since", "10:00").assumedZone).toBeUndefined();
    expect(at("Europe/Paris", "--since", "1h").assumedZone).toBeUndefined();
    expect(at("Europe/Paris", "--since", "2026-11-22T10:00Z").assumedZone).toBeUndefined();
  });

  test("--time-zone is that of the times and of tables", () => {
    expect(at("Europe/Paris", "--since", "10:00", "--time-zone", "Asia/Tokyo")).toEqual({
      since: "2026-11-22T01:00:00.000Z",
      outputZone: "Asia/Tokyo",
      assumedZone: undefined,
    });
    expect(at("Europe/Paris", "--time-zone", "local").outputZone).toBe("Europe/Paris");
    expect(at("Europe/Paris", "--since", "10:00", "--time-zone", "UTC").since).toBe(
      "2026-11-22T10:00:00.000Z",
    );
  });

  test("--log-time-zone is the server's", () => {
    expect(parse("trail", "--log-time-zone", "Europe/Berlin")).toMatchObject({
      logTimeZone: "Europe/Berlin",
      outputZone: "UTC",
    });
  });
});

test("--version prints the package's version", () => {
  const write = jest.fn();
  expect(parseCommandLine(["--version"], { ...CONTEXT, write })).toBeUndefined();
  expect(write.mock.calls).toEqual([[`${version}\n`]]);
});

describe("--compare", () => {
  test("takes two words; more words are paths, wherever the option is", () => {
    const days = { compared: { names: { before: "2026-11-20", after: "2026-11-21" } } };
    for (const argv of [
      ["--compare", "2026-11-20", "2026-11-21", "trail"],
      ["trail", "--compare", "2026-11-20", "2026-11-21"],
    ]) {
      expect(parse(...argv)).toMatchObject({ paths: ["/home/dba/trail"], result: days });
    }
    expect(parse("--compare", "2026-11-20", "2026-11-21")).toMatchObject({ paths: [] });
  });

  test("takes days in the zone of times", () => {
    const days = ["--compare", "yesterday", "2026-11-22", "--time-zone", "Europe/Paris"];
    expect(parse(...days)?.result).toMatchObject({
      compared: {
        ranges: {
          before: { since: new Date("2026-11-20T23:00Z"), until: new Date("2026-11-21T23:00Z") },
          after: { since: new Date("2026-11-21T23:00Z"), until: new Date("2026-11-22T15:30Z") },
        },
      },
    });
    const context = { ...CONTEXT, localZone: "Europe/Paris" };
    expect(parseCommandLine(days.slice(0, 3), context)?.assumedZone).toBe("Europe/Paris");
  });

  test.each([
    [["--summary"], /--summary and --compare exclude each other/],
    [["--follow"], /--compare needs an end/],
    [["--format", "raw"], /--compare has no raw lines/],
    [["--since", "1h"], /--compare names the ranges of time; leave out --since and --until/],
  ])("doesn't go with %j", (argv, message) => {
    expect(() => parse("--compare", "2026-11-20", "2026-11-21", ...argv)).toThrow(message);
  });

  test("of two paths takes no other place, but a range of time", () => {
    expect(parse("--compare", "/", "/tmp", "--since", "1h")?.range.since).toBeDefined();
    expect(parse("--compare", "/", "/tmp")?.range.since).toBeUndefined();
    expect(() => parse("--compare", "/", "/tmp", "trail")).toThrow(
      /the paths of --compare and paths exclude each other/,
    );
    expect(() => parse("--compare", "/", "/tmp", "--stack", "dev")).toThrow(
      /the paths of --compare and --stack exclude each other/,
    );
  });

  test("without a place says how to write a folder whose name is a day", () => {
    const context = { ...CONTEXT, hasStacks: false };
    expect(() => parseCommandLine(["--compare", "2026-11-20", "2026-11-21"], context)).toThrow(
      "Nothing to read: give files or folders, - for standard input, or --container-url. If 2026-11-20 is a folder, write ./2026-11-20.",
    );
  });
});

test("--force is for files", () => {
  expect(parse("--html", "a.html", "--force")?.force).toBe(true);
  expect(parse("--parquet", "a.parquet")?.force).toBe(false);
  expect(() => parse("--summary", "--force")).toThrow(/--force replaces the file of --html/);
});

describe("problems", () => {
  test("are reported together", () => {
    expect(() =>
      parse(
        "--since",
        "tomorrow",
        "--class",
        "reads",
        "--format",
        "xml",
        "--interval",
        "0",
        "--threads",
        "2.5",
      ),
    ).toThrow(
      /--since is "tomorrow"; it takes [^]*yesterday[^]*--class[^]*reads[^]*--format is "xml"[^]*--threads is "2.5"/,
    );
  });

  test.each([
    [["--summary", "--sql", "select 1"], /--summary and --sql exclude each other/],
    [["--summary", "--verify"], /--summary and --verify exclude each other/],
    [["--verify", "--since-last", "x"], /--since-last and --verify exclude each other/],
    [["--verify", "--follow"], /--verify needs an end/],
    [["--verify", "--user", "app"], /--verify needs all lines, but --user leaves some out/],
    [["--verify", "--session-id", "1.2"], /--verify needs all lines, but --session-id/],
    [["--verify", "--format", "csv"], /--verify has no csv; use table or json/],
    [["--follow", "--html", "x.html"], /--html needs an end/],
    [["--follow", "--until", "now"], /leave out --until/],
    [["--open", "x.json"], /--open opens the page of --html; add --html FILE/],
    [["--html", "x.html", "--format", "csv"], /--html determines the format/],
    [["--sql", "select 1", "--format", "raw"], /no raw lines/],
    [["trail", "--stack", "dev"], /paths and --stack exclude each other/],
    [["--since", "1h", "--until", "2h"], /isn't before --until/],
    [["--connect-to", "10000"], /HOST:PORT/],
    [["--time-zone", "Paris"], /^--time-zone: Paris isn't a time zone/],
    [["--log-time-zone", "Berlin"], /^--log-time-zone: Berlin isn't a time zone/],
    [["--limit", "0"], /--limit is "0"; it takes a number from 1/],
    [["--tail", "1.5"], /--tail is "1.5"; it takes a whole number/],
    [["--limit", "1", "--tail", "1"], /--limit and --tail exclude each other/],
    [
      ["--summary", "--tail", "1"],
      /--tail shortens a list of records; leave it out with --summary/,
    ],
    [["--since-last", "f", "--follow"], /--since-last and --follow exclude each other/],
    [["--since-last", "f", "--until", "now"], /--since-last and --until exclude each other/],
    [["--since-last", "f", "--limit", "1"], /--since-last and --limit exclude each other/],
    [["-", "--since-last", "f"], /standard input can't be resumed/],
    [["--user", "!"], /"!"; write what it excludes after it/],
    [["--notable", "--summary"], /--summary and --notable exclude each other/],
    [["--notable", "--follow"], /--notable needs an end/],
    [["--notable", "--format", "raw"], /--notable has no raw lines/],
    [["--fail-on", "severe"], /--fail-on is "severe"; it takes informational, low/],
    [["--fail-on", "low", "--follow"], /--fail-on needs an end/],
    [["--rules", "mine"], /--rules has no effect without --notable, --summary, --html/],
    [["--known", "file"], /--known has no effect without --notable/],
    [["--sinse", "1h"], /unknown option '--sinse'[^]*Did you mean --since[^]*Try: pg-audit --help/],
  ])("%j", (argv, problem) => expect(() => parse(...argv)).toThrow(problem));
});

describe("a program without stacks", () => {
  const parseWithoutStacks = (...argv: string[]) =>
    parseCommandLine(argv, { ...CONTEXT, hasStacks: false });

  test("needs paths or a container", () => {
    expect(() => parseWithoutStacks("--since", "1d")).toThrow(/^Nothing to read: give files/);
    expect(parseWithoutStacks("trail")?.paths).toEqual(["/home/dba/trail"]);
    expect(parseWithoutStacks("--container-url", "https://a/b")?.containerUrl).toBe("https://a/b");
  });

  test("has no option --stack", () => {
    expect(() => parseWithoutStacks("--stack", "dev")).toThrow(/unknown option '--stack'/);
  });
});
