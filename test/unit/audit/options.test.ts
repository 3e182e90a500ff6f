import { parseOptions } from "../../../audit/options";

const NOW = new Date("2026-11-22T15:30:00Z");
const parse = (...argv: string[]) => parseOptions(argv, { now: NOW, folder: "/home/dba" });

describe("what is asked for", () => {
  test("without arguments: the last hour of the selected stack", () => {
    expect(parse()).toMatchObject({
      paths: [],
      stack: undefined,
      follow: false,
      range: { since: new Date("2026-11-22T14:30:00Z"), until: undefined },
      result: { kind: "list" },
      format: undefined,
    });
  });

  test("files and --since all are read whole, and --follow begins now", () => {
    expect(parse("trail")?.range.since).toBeUndefined();
    expect(parse("--since", "all")?.range.since).toBeUndefined();
    expect(parse("--follow")?.range.since).toBeUndefined();
  });

  test("paths are relative to the folder of the person, whatever npm does; - is standard input", () => {
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
    process.env.AUDIT_CONNECT_TO = "127.0.0.1:10000";
    try {
      expect(parse()?.connectTo).toEqual({ host: "127.0.0.1", port: 10000 });
    } finally {
      delete process.env.AUDIT_CONNECT_TO;
    }
  });
});

describe("what can't be meant", () => {
  test("is told all at once", () => {
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
    [["--html", "x.html", "--format", "csv"], /--html has a format of its own/],
    [["--sql", "select 1", "--format", "raw"], /no raw lines/],
    [["trail", "--stack", "dev"], /read from one place/],
    [["--since", "1h", "--until", "2h"], /isn't before --until/],
    [["--connect-to", "10000"], /HOST:PORT/],
  ])("%j", (argv, problem) => expect(() => parse(...argv)).toThrow(problem));
});
