import * as fs from "node:fs";
import * as path from "node:path";
import { Writable } from "node:stream";
import {
  type EncodedFormat,
  type OutputShare,
  type RecordOutput,
} from "../../../../audit/output/record-output";
import { EncodedOutput } from "../../../../audit/output/encoded-output";
import { streamsOf } from "../../../../audit/order/trail-stream";
import { readTrail, type TrailReading } from "../../../../audit/read-trail";
import { type Selection } from "../../../../audit/record-reader";
import { FileSource } from "../../../../audit/sources/file-source";
import { hourBlobName } from "../../../../audit/sources/hours";
import { type Chunk } from "../../../../audit/sources/source";
import { UnreadableFiles } from "../../../../audit/sources/unreadable";
import { Summary } from "../../../../audit/output/summary";
import { type PlanOptions, planTasks } from "../../../../audit/workers/plan";
import { readInThreads } from "../../../../audit/workers/pool";
import { tempFolder } from "../../support/temp-folder";
import { auditMessage, azureLine } from "../azure-lines";

const folder = tempFolder();
const SELECTION: Selection = { range: {}, filters: {}, decoder: {} };

/** Files with lines of several classes and users, some of Azure's own and some broken. */
function writeTrail(): string[] {
  const lines = Array.from({ length: 3000 }, (_, index) => {
    if (index % 100 === 7) return `{"properties":{"mess`;
    // The prefix names nobody.
    if (index % 50 === 9)
      return azureLine({ message: `nobody ${index}` }).replace(
        /UTC .*? LOG: /,
        "UTC-6380ab.1267-LOG: ",
      );
    const user = index % 10 === 3 ? "azuresu" : `user${index % 4}`;
    const message = auditMessage(index % 3 ? "READ" : "WRITE", "SELECT", `SELECT ${index}, 'é\n'`);
    return azureLine({ message, user });
  });
  const files = ["a.json", "b.json"].map((name) => path.join(folder(), name));
  fs.writeFileSync(files[0] ?? "", `\ufeff${lines.slice(0, 1800).join("\n")}\n`);
  // The last line is cut off.
  fs.writeFileSync(files[1] ?? "", lines.slice(1800).join("\r\n").slice(0, -20));
  return files;
}

class SummaryOutput implements RecordOutput {
  readonly summary = new Summary();
  readonly share: OutputShare = { kind: "summary", add: (part) => this.summary.addPart(part) };
  write: RecordOutput["write"] = (record) => this.summary.add(record);
  async drain(): Promise<void> {}
  async end(): Promise<void> {}
}

function encodedOutput(format: EncodedFormat) {
  const bytes: Buffer[] = [];
  // As a pipe: it is slow, and done with its memory when it says so.
  const stream = new Writable({
    highWaterMark: 1024,
    write(piece: Buffer, _encoding, done) {
      setImmediate(() => {
        bytes.push(Buffer.from(piece));
        done();
      });
    },
  });
  return { output: new EncodedOutput(format, stream), text: () => Buffer.concat(bytes).toString() };
}

const signal = new AbortController().signal;
const notify = () => undefined;

const read = (paths: readonly string[], output: RecordOutput, more: Partial<TrailReading> = {}) =>
  readTrail({
    source: new FileSource({ paths, notify }),
    selection: SELECTION,
    output,
    threads: 1,
    signal,
    ...more,
  });

/** In many small tasks. */
const THREADS = { threads: 2, taskBytes: 50_000 };

async function planned(paths: readonly string[], options: PlanOptions) {
  const source = new FileSource({ paths, notify });
  const { streams } = await streamsOf(source, SELECTION, signal);
  return planTasks(streams, options);
}

describe("two threads", () => {
  test.each<EncodedFormat>(["json", "csv", "raw"])(
    "give out the same %s in the same order as one",
    async (format) => {
      const files = writeTrail();
      const [one, two] = [encodedOutput(format), encodedOutput(format)];
      const expected = await read(files, one.output);
      expect(await read(files, two.output, THREADS)).toEqual(expected);
      expect(expected.tally).toMatchObject({ system: 300, broken: 31 });
      expect(expected.notices).toEqual([expect.stringMatching(/^60 lines name nobody/)]);
      expect(one.text().length).toBeGreaterThan(100_000);
      expect(two.text()).toBe(one.text());
    },
  );

  test("count the same as one, with filters too", async () => {
    const files = writeTrail();
    const selection = { ...SELECTION, filters: { class: ["WRITE"], user: ["user2"] } };
    const [one, two] = [new SummaryOutput(), new SummaryOutput()];
    const expected = await read(files, one, { selection });
    expect(await read(files, two, { selection, ...THREADS })).toEqual(expected);
    expect(two.summary.part()).toEqual(one.summary.part());
    expect(two.summary.part().records).toBeGreaterThan(100);
  });

  test("go on after a file that can't be read any more, and name it once", async () => {
    const files = writeTrail();
    const plan = await planned(files, { threads: 2, taskBytes: 9000 });
    if (!plan) throw new Error("nothing for threads to do");
    fs.rmSync(files[0] ?? "");
    const notices: string[] = [];
    const unreadable = new UnreadableFiles((text) => notices.push(text));
    const { output, text } = encodedOutput("raw");
    const { share } = output;
    const reading = { ...plan, selection: SELECTION, output, share, unreadable, signal };
    await readInThreads(reading);
    await output.end();
    const rest = encodedOutput("raw");
    await read(files.slice(1), rest.output);
    expect(text()).toBe(rest.text());
    expect(notices).toEqual([expect.stringMatching(/a\.json: it doesn't exist/)]);
  });

  test("stop when the signal comes", async () => {
    const plan = await planned(writeTrail(), THREADS);
    if (!plan) throw new Error("nothing for threads to do");
    const { output } = encodedOutput("json");
    const { share } = output;
    const stopping = new AbortController();
    const reading = readInThreads({
      ...{ ...plan, selection: SELECTION, output, share },
      signal: stopping.signal,
    });
    stopping.abort();
    expect((await reading).tally.shown).toBe(0);
  });
});

describe("a plan for threads", () => {
  test("cuts files at line ends, and puts a server's small ones together", async () => {
    const texts = ["{1}\n{22}\n{333}\n", "{4}\n", "", "{5}"];
    const files = texts.map((text, index) => {
      const file = path.join(
        folder(),
        hourBlobName({ resource: "s", hour: new Date(index * 36e5) }),
      );
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
      return file;
    });
    const plan = await planned(files, { threads: 2, taskBytes: 7 });
    const pieces = plan?.streams.map(({ tasks }) =>
      tasks.map(({ ranges }) =>
        ranges.map(({ name, fromByte, toByte }) =>
          texts[files.indexOf(name)]?.slice(fromByte, toByte),
        ),
      ),
    );
    expect(pieces).toEqual([[["{1}\n{22}\n"], ["{333}\n"], ["{4}\n", "{5}"]]]);
  });

  test("doesn't exist for csvlog and arrays, for small files, and for one thread", async () => {
    const file = path.join(folder(), "a.csv");
    fs.writeFileSync(file, `2026-11-22 17:51:17.034 UTC,"app","shop",4711\n`.repeat(9));
    expect(await planned([file], { threads: 2, taskBytes: 10 })).toBeUndefined();
    const array = path.join(folder(), "array.json");
    fs.writeFileSync(array, `[\n${"{},\n".repeat(9)}{}]`);
    expect(await planned([array], { threads: 2, taskBytes: 10 })).toBeUndefined();
    const json = writeTrail();
    expect(await planned(json, { taskBytes: 1000 })).toBeUndefined();
    expect(await planned(json, { threads: 1, taskBytes: 1000 })).toBeUndefined();
    expect(await planned(json, { threads: 2, taskBytes: 1000 })).toBeDefined();
    const blob = { earliest: 0, files: [{ name: "a blob", read: noChunks }], read: noChunks };
    expect(await planTasks([blob], { threads: 2 })).toBeUndefined();
  });
});

async function* noChunks(): AsyncIterable<Chunk> {}
