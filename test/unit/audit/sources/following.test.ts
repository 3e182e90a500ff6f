import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { pollUntil } from "../../../../common/poll";
import { readTrail } from "../../../../audit/read-trail";
import type { FilterOptions } from "../../../../audit/select/filter";
import type { TimeRange } from "../../../../audit/select/time-range";
import { FileSource } from "../../../../audit/sources/file-source";
import { CollectingOutput } from "../collecting-output";
import { blob, line, OTHER_SERVER, trailFolder } from "./trail-folder";

const { folder, write } = trailFolder();

describe("following", () => {
  let stopping: AbortController;
  let output: CollectingOutput;
  let notices: string[];
  let now: Date;
  let reading: Promise<unknown>;

  function follow(range: TimeRange = {}, paths = [folder()], filters: FilterOptions = {}) {
    stopping = new AbortController();
    output = new CollectingOutput();
    notices = [];
    reading = readTrail({
      source: new FileSource({
        paths,
        now: () => now,
        intervalSeconds: 0.01,
        notify: (text) => notices.push(text),
      }),
      selection: { range, filters, decoder: {} },
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
    await until(["old"]);
    write(blob("15"), `${text.slice(50)}\n${line("new")}\n{"prop`, true);
    await until(["old", "half", "new"]);
    write(blob("15"), line("last").slice(6), true);
    await look();
    expect(shown()).toEqual(["old", "half", "new"]);
    write(blob("15"), "\n", true);
    await until(["old", "half", "new", "last"]);
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
    await until(["15"]);
    write(blob("17"), `${line("17")}\n`);
    write(blob("18"), `${line("18")}\n`);
    now = new Date("2026-11-22T18:30:00Z");
    await until(["15", "17", "18"]);
  });

  test("begins with the records since a time, and shows nothing twice", async () => {
    write(blob("14"), `${line("14", "2026-11-22 14:59:00.000 UTC")}\n`);
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
    await until(["old"]);
    write(blob("15", OTHER_SERVER), `${line("other")}\n`);
    write("plain.log", `${line("plain")}\n`);
    now = new Date("2026-11-22T15:31:00Z");
    await until(["old", "plain", "other"]);
  });

  test("begins with all that was there, if all is asked for", async () => {
    write(blob("03"), `${line("03")}\n`);
    write("a.json.gz", gzipSync(`${line("compressed")}\n`));
    write(blob("15"), `${line("15")}\n`);
    follow({ all: true });
    await until(["compressed", "03", "15"]);
    write(blob("15"), `${line("more")}\n`, true);
    await until(["compressed", "03", "15", "more"]);
  });

  test("says at once what it follows, and shows the last ten records that pass the filters", async () => {
    const minute = (number: number) =>
      `2026-11-22 15:${String(number).padStart(2, "0")}:00.000 UTC`;
    const lines = (from: number, step: number) =>
      Array.from({ length: 30 }, (_, index) => from + index * step)
        .map((number) => `${line(number % 3 ? "other" : `wanted ${number}`, minute(number))}\n`)
        .join("");
    write(blob("15"), lines(0, 2));
    write(blob("15", OTHER_SERVER), lines(1, 2));
    write("plain.log", "no record\n");
    follow({}, [folder()], { grep: "wanted" });
    const tens = [30, 33, 36, 39, 42, 45, 48, 51, 54, 57].map((number) => `wanted ${number}`);
    await until(tens);
    expect(notices).toEqual([`following 2 servers and 1 file in ${folder()}`]);
    write(blob("15"), `${line("wanted anew")}\n`, true);
    await until([...tens, "wanted anew"]);
  });

  test("shows the last records of a server that is quiet in this hour", async () => {
    write(blob("09"), `${line("09")}\n`);
    write(blob("11"), `${line("11")}\n`);
    follow();
    await until(["09", "11"]);
    write(blob("15"), `${line("15")}\n`);
    await until(["09", "11", "15"]);
  });

  test("shows the last records of an array, and takes none of them for a new one", async () => {
    write("array.json", `[${[1, 2].map((number) => line(`array ${number}`)).join()}]`);
    write("b.log", `${line("b")}\n`);
    follow();
    await until(["array 1", "array 2", "b"]);
    write("b.log", `${line("more")}\n`, true);
    await until(["array 1", "array 2", "b", "more"]);
  });

  test("reads a file that was replaced from its start, and says so", async () => {
    const file = write("a.log", `${line("a")}\n${line("b")}\n`);
    follow({}, [file]);
    await until(["a", "b"]);
    write("a.log", `${line("c")}\n`);
    await until(["a", "b", "c"]);
    const anew = ["d", "e", "f", "g"];
    write("new.log", anew.map((message) => `${line(message)}\n`).join(""));
    fs.renameSync(path.join(folder(), "new.log"), file);
    await until(["a", "b", "c", ...anew]);
    // As long as the one before.
    write("a.log", anew.map((message) => `${line(message.toUpperCase())}\n`).join(""));
    await until(["a", "b", "c", ...anew, "D", "E", "F", "G"]);
    expect(notices).toEqual([
      `following 1 file in ${file}`,
      `${file} is shorter than before; reading it from its start`,
      `${file} was replaced; reading it from its start`,
      `${file} was replaced; reading it from its start`,
    ]);
  });

  test("reads nothing twice of a file that loses its end and gets it back", async () => {
    const file = write("a.log", `${line("a")}\n${line("b")}\n`);
    follow({}, [file]);
    await until(["a", "b"]);
    write("a.log", `${line("a")}\n`);
    await look();
    write("a.log", `${line("b")}\n${line("c")}\n`, true);
    await until(["a", "b", "c"]);
    expect(notices).toHaveLength(1);
  });

  test("reads nothing twice of a file that gets another inode, as on a mount", async () => {
    const file = write("a.log", `${line("a")}\n`);
    follow({}, [file]);
    await until(["a"]);
    fs.copyFileSync(file, path.join(folder(), "copy"));
    fs.renameSync(path.join(folder(), "copy"), file);
    await look();
    write("a.log", `${line("b")}\n`, true);
    await until(["a", "b"]);
    expect(notices).toHaveLength(1);
  });

  test("reads nothing twice of a file that a log rotation renames or compresses", async () => {
    const content = `${line("a")}\n`;
    const file = write("a.log", content);
    follow();
    await until(["a"]);
    fs.renameSync(file, `${file}.1`);
    write("a.log.2.gz", gzipSync(content));
    write("a.json", gzipSync(content));
    write("a.log", `${line("b")}\n`);
    await until(["a", "b"]);
    await look();
    expect(shown()).toEqual(["a", "b"]);
  });

  test("continues with the other files if one can't be read, and says so once", async () => {
    fs.symlinkSync("/proc/self/mem", path.join(folder(), "a.log"));
    write("b.log", `${line("b")}\n`);
    follow();
    await until(["b"]);
    write("b.log", `${line("more")}\n`, true);
    await until(["b", "more"]);
    expect(notices.slice(1)).toEqual([
      `${folder()}/a.log: its disk or mount reports an error (EIO); waiting for it`,
    ]);
  });

  test("is refused for a pipe", async () => {
    const pipe = path.join(folder(), "pipe");
    spawnSync("mkfifo", [pipe]);
    follow({}, [pipe]);
    await expect(reading).rejects.toThrow(/can't be followed; leave out --follow/);
    reading = Promise.resolve();
  });

  test("waits for a folder that is away, says so once, and says when it is back", async () => {
    write(`mount/${blob("15")}`, `${line("old")}\n`);
    const mount = path.join(folder(), "mount");
    follow({}, [mount]);
    await until(["old"]);
    notices = [];
    fs.renameSync(mount, `${mount}-away`);
    now = new Date("2026-11-22T15:31:00Z");
    await pollUntil(() => notices.length > 0, { what: "the notice", timeoutSeconds: 10 });
    fs.renameSync(`${mount}-away`, mount);
    write(`mount/${blob("15")}`, `${line("new")}\n`, true);
    await until(["old", "new"]);
    await pollUntil(() => notices.length > 1, { what: "the notice", timeoutSeconds: 10 });
    expect(notices).toEqual([
      expect.stringMatching(/^the files can't be read now \(.*mount.*\); waiting for them$/),
      "the files can be read again",
    ]);
  });
});
