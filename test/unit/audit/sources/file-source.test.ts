import * as fs from "node:fs";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { Readable } from "node:stream";
import { pollUntil } from "../../../../common/poll";
import { readTrail } from "../../../../audit/read-trail";
import type { TimeRange } from "../../../../audit/select/time-range";
import { FileSource, StdinSource } from "../../../../audit/sources/file-source";
import type { Source } from "../../../../audit/sources/source";
import { tempFolder } from "../../support/temp-folder";
import { azureLine } from "../azure-lines";
import { CollectingOutput } from "../collecting-output";

const folder = tempFolder();
const SERVER = "resourceId=/SUBSCRIPTIONS/S/FLEXIBLESERVERS/PG1";
const OTHER_SERVER = "resourceId=/SUBSCRIPTIONS/S/FLEXIBLESERVERS/PG2";

function write(file: string, content: string | Buffer, append = false): string {
  const whole = path.join(folder(), file);
  fs.mkdirSync(path.dirname(whole), { recursive: true });
  fs.writeFileSync(whole, content, { flag: append ? "a" : "w" });
  return whole;
}

const blob = (hour: string, server = SERVER) =>
  `${server}/y=2026/m=11/d=22/h=${hour}/m=00/PT1H.json`;
const line = (message: string) => azureLine({ message, timestamp: "2026-11-22 15:30:00.000 UTC" });

async function messages(source: Source, range: TimeRange = {}): Promise<(string | null)[]> {
  const output = new CollectingOutput();
  const { signal } = new AbortController();
  const selection = { range: {}, filters: {}, decoder: {} };
  // The range prunes files here; records are filtered elsewhere.
  const pruned: Source = { ...source, description: "", read: (_, on) => source.read(range, on) };
  await readTrail({ source: pruned, selection, output, signal });
  return output.records.map(({ message }) => message);
}

const fileSource = (...paths: string[]) => new FileSource({ paths, notify: () => undefined });

describe("files", () => {
  test("of a folder are read hour after hour, over all servers", async () => {
    write(blob("16"), `${line("16")}\n`);
    write(blob("15"), `${line("15")}\n`);
    write(blob("15", OTHER_SERVER), `${line("15b")}\n`);
    write("notes.txt", "no trail");
    expect(await messages(fileSource(folder()))).toEqual(["15", "15b", "16"]);
  });

  test("of hours outside the range aren't opened, nor are their folders", async () => {
    for (const hour of ["13", "14", "15", "16", "17"]) write(blob(hour), `${line(hour)}\n`);
    write(`${SERVER}/y=2025/m=01/d=01/h=00/m=00/PT1H.json`, `${line("2025")}\n`);
    const opened = jest.spyOn(fs.promises, "open");
    const listed = jest.spyOn(fs.promises, "readdir");
    const range = { since: new Date("2026-11-22T15:10Z"), until: new Date("2026-11-22T15:20Z") };
    expect(await messages(fileSource(folder()), range)).toEqual(["15", "16"]);
    expect(opened).toHaveBeenCalledTimes(2);
    expect(listed.mock.calls.filter(([name]) => /y=2025|h=1[347]/.test(String(name)))).toEqual([]);
    jest.restoreAllMocks();
  });

  test("that are plain or compressed are read in the order of their names", async () => {
    write("b.log", `${line("b")}\n`);
    write("a.json.gz", gzipSync(`${line("a")}\n`.repeat(3)));
    write("below/c.json", line("c"));
    expect(await messages(fileSource(folder()))).toEqual(["a", "a", "a", "b", "c"]);
    expect(await fileSource(folder()).localFiles({})).toBeUndefined();
  });

  test("given by name are read with any name, in the given order", async () => {
    const first = write("x", `${line("x")}\n`);
    const second = write("a", `${line("a")}\n`);
    expect(await messages(fileSource(first, second))).toEqual(["x", "a"]);
  });

  test("that are missing or damaged are reported with advice", async () => {
    const missing = path.join(folder(), "missing");
    await expect(messages(fileSource(missing))).rejects.toThrow(
      `${missing}: there is no such file or folder. Give files of the trail`,
    );
    const damaged = write("a.json.gz", gzipSync(line("a")).subarray(0, 30));
    await expect(messages(fileSource(damaged))).rejects.toThrow(
      `${damaged}: its compression is damaged or cut off (Z_BUF_ERROR)`,
    );
  });
});

test("standard input is read to its end", async () => {
  const text = `${line("é1")}\n${line("2")}`;
  const pieces = [Buffer.from(text).subarray(0, 400), Buffer.from(text).subarray(400)];
  expect(await messages(new StdinSource(Readable.from(pieces)))).toEqual(["é1", "2"]);
});

describe("following", () => {
  let stopping: AbortController;
  let output: CollectingOutput;
  let notices: string[];
  let now: Date;
  let reading: Promise<unknown>;

  function follow(range: TimeRange = {}, ...paths: string[]) {
    stopping = new AbortController();
    output = new CollectingOutput();
    notices = [];
    reading = readTrail({
      source: new FileSource({
        paths: paths.length > 0 ? paths : [folder()],
        now: () => now,
        intervalSeconds: 0.01,
        notify: (text) => notices.push(text),
      }),
      selection: { range, filters: {}, decoder: {} },
      output,
      follow: true,
      signal: stopping.signal,
    });
  }

  const shown = () => output.records.map(({ message }) => message);
  const until = (expected: string[]) =>
    pollUntil(() => shown().length >= expected.length, { what: "records", timeoutSeconds: 10 })
      .catch(() => undefined)
      .then(() => expect(shown()).toEqual(expected));
  /** Waits until all files were polled. */
  const look = (looks = jest.spyOn(fs.promises, "stat")) => {
    const before = looks.mock.calls.length;
    return pollUntil(() => looks.mock.calls.length >= before + 4, {
      what: "a read of the files",
      timeoutSeconds: 10,
    });
  };

  beforeEach(() => {
    now = new Date("2026-11-22T15:30:00Z");
  });
  afterEach(async () => {
    stopping.abort();
    await reading;
    jest.restoreAllMocks();
  });

  test("shows what comes from now on, and a line only when it is whole", async () => {
    const text = line("half");
    write(blob("15"), `${line("old")}\n${text.slice(0, 50)}`);
    follow();
    await look();
    write(blob("15"), `${text.slice(50)}\n${line("new")}\n{"prop`, true);
    await until(["half", "new"]);
    write(blob("15"), line("last").slice(6), true);
    await look();
    expect(shown()).toEqual(["half", "new"]);
    write(blob("15"), "\n", true);
    await until(["half", "new", "last"]);
    expect(output.tally).toBeUndefined();
  });

  test("continues with the next hour, and reads late records of the previous one", async () => {
    write(blob("15"), `${line("15")}\n`);
    follow({ since: new Date("2026-11-22T15:00:00Z") });
    await until(["15"]);
    now = new Date("2026-11-22T16:00:01Z");
    await look();
    write(blob("16"), `${line("16")}\n`);
    await until(["15", "16"]);
    write(blob("15"), `${line("late")}\n`, true);
    await until(["15", "16", "late"]);
  });

  test("shows the hours that passed while the machine slept", async () => {
    write(blob("15"), `${line("15")}\n`);
    follow();
    await look();
    write(blob("17"), `${line("17")}\n`);
    write(blob("18"), `${line("18")}\n`);
    now = new Date("2026-11-22T18:30:00Z");
    await until(["17", "18"]);
  });

  test("begins with the records since a time, and shows nothing twice", async () => {
    write(
      blob("14"),
      `${azureLine({ message: "14", timestamp: "2026-11-22 14:59:00.000 UTC" })}\n`,
    );
    write(blob("15"), `${line("15")}\n`);
    now = new Date("2026-11-22T15:05:00Z");
    follow({ since: new Date("2026-11-22T15:00:00Z") });
    await until(["15"]);
    write(blob("15"), `${line("more")}\n`, true);
    await until(["15", "more"]);
  });

  test("finds a server that begins to log, and files that come", async () => {
    write(blob("15"), `${line("old")}\n`);
    follow();
    await look();
    write(blob("15", OTHER_SERVER), `${line("other")}\n`);
    write("plain.log", `${line("plain")}\n`);
    now = new Date("2026-11-22T15:31:00Z");
    await until(["plain", "other"]);
  });

  test("reads a file that was replaced from its start, and says so", async () => {
    const file = write("a.log", `${line("a")}\n${line("b")}\n`);
    follow({}, file);
    await look();
    write("a.log", `${line("c")}\n`);
    await until(["c"]);
    expect(notices).toEqual([`${file} is shorter than before; reading it from its start`]);
  });

  test("waits for a folder that is away, says so once, and says when it is back", async () => {
    write(`mount/${blob("15")}`, `${line("old")}\n`);
    const mount = path.join(folder(), "mount");
    follow({}, mount);
    await look();
    fs.renameSync(mount, `${mount}-away`);
    now = new Date("2026-11-22T15:31:00Z");
    await pollUntil(() => notices.length > 0, { what: "the notice", timeoutSeconds: 10 });
    fs.renameSync(`${mount}-away`, mount);
    write(`mount/${blob("15")}`, `${line("new")}\n`, true);
    await until(["new"]);
    await pollUntil(() => notices.length > 1, { what: "the notice", timeoutSeconds: 10 });
    expect(notices).toEqual([
      expect.stringMatching(/^the files can't be read now \(.*mount.*\); waiting for them$/),
      "the files can be read again",
    ]);
  });
});
