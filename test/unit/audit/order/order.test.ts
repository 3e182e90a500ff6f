import * as fs from "node:fs";
import * as path from "node:path";
import { SummaryOutput } from "../../../../audit/output/summary-output";
import { readTrail, type TrailReading } from "../../../../audit/read-trail";
import { FileSource } from "../../../../audit/sources/file-source";
import { hourBlobName } from "../../../../audit/sources/hours";
import { type Chunk, type Source } from "../../../../audit/sources/source";
import { tempFolder } from "../../support/temp-folder";
import { auditMessage, type AzureLine, azureLine } from "../azure-lines";
import { CollectingOutput } from "../collecting-output";
import { CapturedStream } from "../output/captured-stream";

const folder = tempFolder();

/** A line whose statement and time are the same: `15:59:58.250`. */
const line = (time: string, more: Partial<AzureLine> = {}): string =>
  azureLine({
    timestamp: `2026-11-22 ${time} UTC`,
    message: auditMessage("READ", "SELECT", `SELECT '${time}'`),
    ...more,
  });

const blob = (server: string, hour: number): string =>
  hourBlobName({ resource: server, hour: new Date(Date.UTC(2026, 10, 22, hour)) });

function write(name: string, lines: readonly string[]): string {
  const file = path.join(folder(), name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, lines.map((text) => `${text}\n`).join(""));
  return file;
}

const reading = (source: Source) => ({
  source,
  selection: { range: {}, filters: {}, decoder: {} },
  signal: new AbortController().signal,
});

async function read(paths: readonly string[] = [folder()], more: Partial<TrailReading> = {}) {
  const output = new CollectingOutput();
  const source = new FileSource({ paths, notify: () => undefined });
  const result = await readTrail({ ...reading(source), output, ...more });
  return {
    ...result,
    lines: output.lines,
    times: output.records.map(({ time }) => time.slice("2026-11-22T".length, -1)),
  };
}

describe("records come in the order of their time", () => {
  test("of two servers, and late ones in the blob of the next hour", async () => {
    write(blob("a", 15), [line("15:00:01.000"), line("15:59:57.000")]);
    write(blob("a", 16), [line("15:59:58.250"), line("16:00:03.000")]);
    write(blob("b", 15), [line("15:00:00.500"), line("15:30:00.000")]);
    write(blob("b", 16), [line("16:00:02.000"), line("15:59:58.000")]);
    const { times, notices } = await read();
    expect(times).toEqual([
      ...["15:00:00.500", "15:00:01.000", "15:30:00.000", "15:59:57.000"],
      ...["15:59:58.000", "15:59:58.250", "16:00:02.000", "16:00:03.000"],
    ]);
    expect(notices).toEqual([]);
  });

  test("those of one time in the order of the files", async () => {
    const time = "15:00:00.000";
    const names = ["a.json", "b.json"].map((name) =>
      write(
        name,
        [1, 2].map((number) => line(time, { message: `${name} ${number}` })),
      ),
    );
    const { lines } = await read(names.reverse());
    expect(lines.map((text) => /([ab]\.json \d)/.exec(text)?.[1])).toEqual([
      ...["b.json 1", "b.json 2", "a.json 1", "a.json 2"],
    ]);
  });

  test("also of files that are given in another order", async () => {
    const hours = [17, 15, 16].map((hour) => write(blob("a", hour), [line(`${hour}:00:00.000`)]));
    const others = ["19", "18"].map((hour) => write(`${hour}.log`, [line(`${hour}:00:00.000`)]));
    const window = { records: 0, bytes: 0 };
    const { times } = await read([...others, ...hours], { window });
    expect(times.map((time) => time.slice(0, 2))).toEqual(["15", "16", "17", "18", "19"]);
  });

  test("but those that come too late are written when they come, and counted", async () => {
    const seconds = ["02", "03", "04", "00", "05", "01"];
    const file = write(
      "a.json",
      seconds.map((second) => line(`15:00:${second}.000`)),
    );
    const all = await read([file]);
    expect(all.times.map((time) => time.slice(6, 8))).toEqual([...seconds].sort());
    for (const window of [
      { records: 2, bytes: 1e6 },
      { records: 1e6, bytes: 2.5 * line("15:00:00.000").length },
    ]) {
      const { times, notices } = await read([file], { window });
      expect(times.map((time) => time.slice(6, 8))).toEqual(["02", "00", "03", "01", "04", "05"]);
      expect(notices).toEqual(["2 records came too late to be sorted."]);
    }
  });
});

describe("repeated records", () => {
  const first = line("15:59:58.000");
  const second = line("15:59:58.000", { lineNumber: 2 });

  test("are shown and counted, and dropped with --unique", async () => {
    write(blob("a", 15), [first, second, second]);
    write(blob("a", 16), [second, first]);
    const copy = write("copy.json", [first]);
    const all = await read();
    expect(all.lines).toHaveLength(6);
    expect(all.tally).toMatchObject({ shown: 6, repeated: 0 });
    expect(all.notices).toEqual(["4 records are repeated; --unique drops them."]);
    const unique = await read([folder()], { unique: true });
    expect(unique.lines).toEqual([first, second]);
    expect(unique.tally).toMatchObject({ shown: 2, repeated: 4 });
    expect(unique.notices).toEqual([]);
    expect((await read([copy], { unique: true })).tally).toMatchObject({ shown: 1, repeated: 0 });
  });

  test("aren't counted by a summary with --unique", async () => {
    write("a.json", [first, second, first]);
    for (const threads of [1, 2]) {
      const stream = new CapturedStream();
      const source = new FileSource({ paths: [folder()], notify: () => undefined });
      const output = new SummaryOutput("json", stream);
      const options = { threads, taskBytes: 100, unique: true };
      await readTrail({ ...reading(source), output, ...options });
      expect(JSON.parse(stream.text)).toMatchObject({ records: 2 });
    }
  });

  test("are found too when they come too late to be sorted", async () => {
    const later = Array.from({ length: 50 }, (_, index) => line(`16:00:${index + 10}.000`));
    const file = write("a.json", [first, second, ...later, second]);
    const options = { unique: true, window: { records: 5, bytes: 1e6 } };
    const { lines, notices } = await read([file], options);
    expect(lines).toEqual([first, second, ...later]);
    expect(notices).toEqual([]);
  });

  test("are none if anything differs: server, time, session, or text", async () => {
    const message = auditMessage("READ", "SELECT", "SELECT '15:59:58.001'");
    const others = [
      first,
      line("15:59:58.000", { server: "pg2" }),
      line("15:59:58.001", { message: auditMessage("READ", "SELECT", "SELECT '15:59:58.000'") }),
      line("15:59:58.000", { message }),
      first.replaceAll("6380ab.1267", "6380ab.1268"),
    ];
    const file = write("a.json", others);
    const { lines, notices } = await read([file], { unique: true });
    expect(lines).toHaveLength(others.length);
    expect(notices).toEqual([]);
  });

  test("can't be told from new ones without a number of the line, so that they are kept", async () => {
    const azuresDefault = JSON.stringify({
      properties: {
        timestamp: "2026-11-22 17:51:17.034 UTC",
        processId: 1,
        errorLevel: "LOG",
        message:
          "2026-11-22 17:51:17 UTC-6380ab.12-LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,SELECT 1,<none>",
      },
    });
    const file = write("a.json", [azuresDefault, azuresDefault]);
    const { lines, notices, tally } = await read([file], { unique: true });
    expect(lines).toHaveLength(2);
    expect(tally).toMatchObject({ shown: 2, repeated: 0 });
    expect(notices).toContainEqual(
      expect.stringMatching(/^1 record is equal to another one, but .*%l.* kept\.$/),
    );
  });

  test("may be in an envelope, whose records share a line", async () => {
    const envelope = (...lines: string[]) => `{"records":[${lines.join(",")}]}`;
    const file = write("a.json", [envelope(first, second), envelope(first, second)]);
    const { tally } = await read([file], { unique: true });
    expect(tally).toMatchObject({ shown: 2, repeated: 2 });
  });
});

test("hundreds of rotated files aren't open at the same time", async () => {
  let open = 0;
  let mostOpen = 0;
  const files = Array.from({ length: 300 }, (_, index) => {
    const minute = String(index % 60).padStart(2, "0");
    const hour = String(10 + Math.floor(index / 60));
    const bytes = Buffer.from(`${line(`${hour}:${minute}:00.000`)}\n`);
    async function* chunks(): AsyncIterable<Chunk> {
      mostOpen = Math.max(mostOpen, (open += 1));
      try {
        yield { file: { name: `${index}` }, offset: 0, bytes };
      } finally {
        open -= 1;
      }
    }
    return { name: `${index}`, read: chunks };
  });
  const output = new CollectingOutput();
  const source: Source = {
    description: "a test's",
    read: () => files[0]?.read() as AsyncIterable<Chunk>,
    files: async () => [...files].reverse(),
  };
  await readTrail({ ...reading(source), output });
  const times = output.records.map(({ time }) => time);
  expect(times).toHaveLength(300);
  expect(times).toEqual([...times].sort());
  expect(mostOpen).toBeLessThan(5);
  expect(open).toBe(0);
});

test("streams are closed when the output is", async () => {
  let open = 0;
  async function* chunks(name: string): AsyncIterable<Chunk> {
    open += 1;
    try {
      for (let index = 10; index < 60; index += 1) {
        const bytes = Buffer.from(`${line(`15:${index}:00.000`)}\n`);
        yield { file: { name }, offset: index * bytes.length, bytes };
      }
    } finally {
      open -= 1;
    }
  }
  const files = ["a", "b"].map((name) => ({ name, read: () => chunks(name) }));
  const source: Source = {
    description: "a test's",
    read: () => chunks("a"),
    files: async () => files,
  };
  const output = new CollectingOutput(3);
  await readTrail({ ...reading(source), output, window: { records: 1, bytes: 1e6 } });
  expect(output.records).toHaveLength(3);
  expect(open).toBe(0);
});

test.each([
  ["with an error", () => Promise.reject(new Error("The operation was aborted."))],
  ["within a line", () => Promise.resolve()],
])("what was read before the signal is written if that ends a file %s", async (_how, end) => {
  const stopping = new AbortController();
  async function* chunks(): AsyncIterable<Chunk> {
    const bytes = Buffer.from(`${line("15:00:00.000")}\n{"pro`);
    yield { file: { name: "a" }, offset: 0, bytes };
    stopping.abort();
    await end();
  }
  const output = new CollectingOutput();
  const source: Source = { description: "a test's", read: chunks };
  const { signal } = stopping;
  const { tally } = await readTrail({ ...reading(source), output, signal });
  expect(output.records).toHaveLength(1);
  expect(tally).toMatchObject({ shown: 1, broken: 0 });
});
