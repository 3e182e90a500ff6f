import { type CommandLineContext, parseCommandLine } from "../../../audit/command-line";

const CONTEXT: CommandLineContext = {
  program: "pg-audit",
  hasStacks: true,
  env: {},
  now: new Date("2026-11-22T15:30:00Z"),
  folder: "/home/dba",
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
    expect(parse("--follow")?.range.since).toBeUndefined();
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

  test("a tunnel's address may come from the environment", () => {
    const env = { AUDIT_CONNECT_TO: "127.0.0.1:10000" };
    const address = { host: "127.0.0.1", port: 10000 };
    expect(parseCommandLine([], { ...CONTEXT, env })?.connectTo).toEqual(address);
  });
});

describe("problems", () => {
  test("are reported together", () => {
    expect(() =>
      parse(
        "--since",
        "yesterday",
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
      /--since is "yesterday"[^]*--class[^]*reads[^]*--format is "xml"[^]*--threads is "2.5"/,
    );
  });

  test.each([
    [["--summary", "--sql", "select 1"], /--summary and --sql exclude each other/],
    [["--follow", "--html", "x.html"], /--html needs an end/],
    [["--follow", "--until", "now"], /leave out --until/],
    [["--html", "x.html", "--format", "csv"], /--html determines the format/],
    [["--sql", "select 1", "--format", "raw"], /no raw lines/],
    [["trail", "--stack", "dev"], /paths and --stack exclude each other/],
    [["--since", "1h", "--until", "2h"], /isn't before --until/],
    [["--connect-to", "10000"], /HOST:PORT/],
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
