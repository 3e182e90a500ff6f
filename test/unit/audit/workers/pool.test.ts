import * as fs from "node:fs";
import * as path from "node:path";
import { Writable } from "node:stream";
import {
  type EncodedFormat,
  type OutputShare,
  type RecordOutput,
} from "../../../../audit/output/record-output";
import { EncodedOutput } from "../../../../audit/output/encoded-output";
import { readTrail } from "../../../../audit/read-trail";
import { type Selection } from "../../../../audit/record-reader";
import { FileSource } from "../../../../audit/sources/file-source";
import { UnreadableFiles } from "../../../../audit/sources/unreadable";
import { Summary } from "../../../../audit/output/summary";
import { planTasks } from "../../../../audit/workers/plan";
import { readInThreads } from "../../../../audit/workers/pool";
import { tempFolder } from "../../support/temp-folder";
import { auditMessage, azureLine } from "../azure-lines";

const folder = tempFolder();
const SELECTION: Selection = { range: {}, filters: {}, decoder: {} };
const signal = new AbortController().signal;

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

const read = (paths: readonly string[], output: RecordOutput, selection = SELECTION) =>
  readTrail({
    source: new FileSource({ paths, notify: () => undefined }),
    selection,
    output,
    threads: 1,
    signal,
  });

async function readByThreads(
  paths: readonly string[],
  output: RecordOutput,
  selection = SELECTION,
) {
  const files = await new FileSource({ paths, notify: () => undefined }).localFiles({});
  const plan = await planTasks(files ?? [], { threads: 2, taskBytes: 50_000 });
  if (!plan || !output.share) throw new Error("nothing for threads to do");
  expect(plan.tasks.length).toBeGreaterThan(10);
  const result = await readInThreads({ ...plan, selection, output, share: output.share, signal });
  await output.end(result.tally);
  return result;
}

describe("two threads", () => {
  test.each<EncodedFormat>(["json", "csv", "raw"])(
    "give out the same %s in the same order as one",
    async (format) => {
      const files = writeTrail();
      const [one, two] = [encodedOutput(format), encodedOutput(format)];
      const expected = await read(files, one.output);
      expect(await readByThreads(files, two.output)).toEqual(expected);
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
    const expected = await read(files, one, selection);
    expect(await readByThreads(files, two, selection)).toEqual(expected);
    expect(two.summary.part()).toEqual(one.summary.part());
    expect(two.summary.part().records).toBeGreaterThan(100);
  });

  test("go on after a file that can't be read any more, and name it once", async () => {
    const files = writeTrail();
    const plan = await planTasks(
      files.map((name) => ({ name, path: name })),
      { threads: 2, taskBytes: 9000 },
    );
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
    const files = writeTrail();
    const plan = await planTasks([{ name: "a", path: files[0] ?? "" }], {
      threads: 2,
      taskBytes: 9000,
    });
    const { output } = encodedOutput("json");
    const stopping = new AbortController();
    const reading = readInThreads({
      tasks: [],
      threads: 2,
      ...plan,
      selection: SELECTION,
      output,
      share: output.share,
      signal: stopping.signal,
    });
    stopping.abort();
    expect((await reading).tally.shown).toBe(0);
  });
});

describe("a plan for threads", () => {
  test("cuts files at line ends, and puts small ones together", async () => {
    const texts = ["{1}\n{22}\n{333}\n", "{4}\n", "", "{5}"];
    const files = texts.map((text, index) => {
      const file = path.join(folder(), `${index}.json`);
      fs.writeFileSync(file, text);
      return { name: String(index), path: file };
    });
    const plan = await planTasks(files, { threads: 2, taskBytes: 7 });
    const pieces = plan?.tasks.map(({ ranges }) =>
      ranges.map((range) => texts[Number(range.name)]?.slice(range.fromByte, range.toByte)),
    );
    expect(pieces).toEqual([["{1}\n{22}\n"], ["{333}\n"], ["{4}\n", "{5}"]]);
  });

  test("doesn't exist for csvlog and arrays, for small files, and for one thread", async () => {
    const file = path.join(folder(), "a.csv");
    fs.writeFileSync(file, `2026-11-22 17:51:17.034 UTC,"app","shop",4711\n`.repeat(9));
    const csvlog = [{ name: "a", path: file }];
    expect(await planTasks(csvlog, { threads: 2, taskBytes: 10 })).toBeUndefined();
    const array = path.join(folder(), "array.json");
    fs.writeFileSync(array, `[\n${"{},\n".repeat(9)}{}]`);
    const arrays = [{ name: "a", path: array }];
    expect(await planTasks(arrays, { threads: 2, taskBytes: 10 })).toBeUndefined();
    const json = writeTrail().map((name) => ({ name, path: name }));
    expect(await planTasks(json, { taskBytes: 1000 })).toBeUndefined();
    expect(await planTasks(json, { threads: 1, taskBytes: 1000 })).toBeUndefined();
    expect(await planTasks(json, { threads: 2, taskBytes: 1000 })).toBeDefined();
    expect(await planTasks([{ name: "a blob" }], { threads: 2 })).toBeUndefined();
  });
});
