import { readTrail } from "../../../audit/read-trail";
import { type Chunk, type Source } from "../../../audit/sources/source";
import { auditMessage, azureLine } from "./azure-lines";
import { CollectingOutput } from "./collecting-output";

const SELECTION = { range: {}, filters: {}, decoder: {} };

/** A source of files in chunks of so many bytes. */
function sourceOf(files: Readonly<Record<string, string>>, chunkBytes = 1000): Source {
  async function* chunks(): AsyncIterable<Chunk> {
    for (const [name, text] of Object.entries(files)) {
      const bytes = Buffer.from(text);
      for (let offset = 0; offset < bytes.length; offset += chunkBytes) {
        const copy = Buffer.from(bytes.subarray(offset, offset + chunkBytes));
        yield { file: { name }, offset, bytes: copy };
        // A source uses its memory again.
        copy.fill("#");
      }
    }
  }
  return { description: "a test's", read: chunks, follow: chunks };
}

const read = (source: Source, output: CollectingOutput, more = {}) =>
  readTrail({
    source,
    output,
    selection: SELECTION,
    signal: new AbortController().signal,
    ...more,
  });

const line = (index: number) =>
  azureLine({ message: auditMessage("READ", "SELECT", `SELECT ${index}`) });

test("1 % broken lines: every whole line is given out, and each broken one counted with its place", async () => {
  const spoil = [
    (text: string) => text.slice(0, 100),
    (text: string) => `${text.slice(0, 50)}\0\0\0`,
    (text: string) => text.replace('"message":"', '"message":'),
    (text: string) => text.slice(40),
  ];
  const lines = Array.from({ length: 10_000 }, (_, index) =>
    index % 100 === 50 ? (spoil[((index / 50) % 4) | 0] ?? String)(line(index)) : line(index),
  );
  const output = new CollectingOutput();
  const { tally } = await read(sourceOf({ "PT1H.json": `${lines.join("\n")}\n` }, 65_536), output);
  expect(tally).toMatchObject({ shown: 9900, broken: 100, filtered: 0 });
  expect(output.lines).toEqual(lines.filter((_, index) => index % 100 !== 50));
  expect(tally.brokenLines).toHaveLength(100);
  const offset = Buffer.byteLength(`${lines.slice(0, 50).join("\n")}\n`);
  expect(tally.brokenLines[0]).toMatchObject({ file: "PT1H.json", file_offset: offset });
});

test("a file's cut-off last line is reported, and isn't joined to the next file's first", async () => {
  const output = new CollectingOutput();
  const files = { a: `${line(1)}\n${line(2).slice(0, 99)}`, b: `${line(3)}\n${line(4)}` };
  const { tally } = await read(sourceOf(files), output);
  expect(output.lines).toEqual([line(1), line(3), line(4)]);
  expect(tally.brokenLines).toEqual([
    expect.objectContaining({ file: "a", file_offset: line(1).length + 1, length_bytes: 99 }),
  ]);
});

test("a file's last line needs no line end, and comes before the next file's", async () => {
  const output = new CollectingOutput();
  await read(sourceOf({ a: line(1), b: `${line(2)}\n`, c: line(3) }), output);
  expect(output.lines).toEqual([line(1), line(2), line(3)]);
});

test("the output gets room after each chunk, and the tally at the end", async () => {
  const output = new CollectingOutput();
  const text = Array.from({ length: 100 }, (_, index) => `${line(index)}\n`).join("");
  const window = { records: 5, bytes: 1e6 };
  const { tally } = await read(sourceOf({ a: text }, 3000), output, { window });
  expect(output.mostAtOnce).toBeLessThan(10);
  expect(output.tally).toBe(tally);
});

test("the output gets room between the records that waited for earlier ones", async () => {
  const output = new CollectingOutput();
  const text = Array.from({ length: 5000 }, (_, index) => `${line(index)}\n`).join("");
  await read(sourceOf({ a: text }, 1e6), output);
  expect(output.records).toHaveLength(5000);
  expect(output.mostAtOnce).toBeLessThan(2000);
});

test("reading ends when the output is closed, and after the signal", async () => {
  const text = Array.from({ length: 100 }, (_, index) => `${line(index)}\n`).join("");
  const listener = new CollectingOutput(10);
  const { tally } = await read(sourceOf({ a: text }), listener);
  expect(listener.records).toHaveLength(10);
  expect(tally.shown).toBe(10);
  const aborted = new CollectingOutput();
  await read(sourceOf({ a: text }), aborted, { signal: AbortSignal.abort() });
  expect(aborted.records.length).toBeLessThan(20);
  expect(aborted.tally).toBeDefined();
});

describe("an early stop", () => {
  const text = Array.from({ length: 100 }, (_, index) => `${line(index)}\n`).join("");

  test("is in the tally, and the half-read line isn't broken", async () => {
    const closed = await read(sourceOf({ a: text }), new CollectingOutput(10));
    expect(closed.tally).toMatchObject({ stoppedEarly: true, broken: 0 });
    const signal = AbortSignal.abort();
    const aborted = await read(sourceOf({ a: text }), new CollectingOutput(), { signal });
    expect(aborted.tally).toMatchObject({ stoppedEarly: true, broken: 0 });
    const whole = await read(sourceOf({ a: text }), new CollectingOutput());
    expect(whole.tally).toMatchObject({ stoppedEarly: false, shown: 100 });
  });

  test("doesn't hide lines that are broken, in files before and in what was read", async () => {
    const files = { a: line(1).slice(0, 99), b: `{"cut\n${text}` };
    const { tally } = await read(sourceOf(files), new CollectingOutput(10));
    expect(tally).toMatchObject({ stoppedEarly: true, broken: 2 });
  });

  test("is what the signal causes in a source, also if the source fails by it", async () => {
    const interrupt = new AbortController();
    async function* chunks(): AsyncIterable<Chunk> {
      yield { file: { name: "a" }, offset: 0, bytes: Buffer.from(text) };
      interrupt.abort();
      interrupt.signal.throwIfAborted();
    }
    const output = new CollectingOutput();
    const source = { description: "a test's", read: chunks };
    const { tally } = await read(source, output, { signal: interrupt.signal });
    expect(tally).toMatchObject({ stoppedEarly: true, shown: 100 });
    expect(output.tally).toBe(tally);
  });

  test("isn't how following ends", async () => {
    const signal = AbortSignal.abort();
    const output = new CollectingOutput();
    const { tally } = await read(sourceOf({ a: text }), output, { signal, follow: true });
    expect(tally).toMatchObject({ stoppedEarly: false, broken: 0 });
  });
});

test("following says once, as soon as it shows, that the trail names nobody", async () => {
  const nameless = JSON.stringify({
    properties: {
      timestamp: "2026-11-22 17:51:17.034 UTC",
      processId: 1,
      errorLevel: "LOG",
      message: "2026-11-22 17:51:17 UTC-6380ab.12-LOG:  hello",
    },
  });
  const notices: string[] = [];
  const output = new CollectingOutput();
  const result = await read(sourceOf({ a: `${nameless}\n`.repeat(100) }), output, {
    follow: true,
    notify: (text: string) => notices.push(text),
  });
  expect(notices).toEqual([expect.stringMatching(/nobody: the server's log_line_prefix/)]);
  expect(result.notices).toEqual([expect.stringMatching(/^100 lines name nobody/)]);
});

test("a filter for an object says that the trail's entries name none", async () => {
  const unnamed = azureLine({
    message: "AUDIT: SESSION,1,1,READ,SELECT,,,SELECT 1 FROM orders,<none>",
  });
  const output = new CollectingOutput();
  const { tally, notices } = await read(sourceOf({ a: `${unnamed}\n` }), output, {
    selection: { ...SELECTION, filters: { object: ["public.orders"] } },
  });
  expect(tally).toMatchObject({ shown: 0, filtered: 1 });
  expect(notices).toEqual([expect.stringContaining("pgaudit.log_relation")]);
});

test("following begins with as many of the last records as --tail says, ten by default", async () => {
  const lines = Array.from({ length: 30 }, (_, index) => line(index));
  const bytes = Buffer.from(`${lines.join("\n")}\n`);
  const source: Source = {
    ...sourceOf({}),
    async *follow(_range, _signal, showRecent) {
      await showRecent?.([{ file: { name: "PT1H.json" }, offset: 0, bytes }]);
      yield* [];
    },
  };
  for (const [recentCount, expected] of [
    [undefined, 10],
    [3, 3],
  ] as const) {
    const output = new CollectingOutput();
    const { tally } = await read(source, output, { follow: true, recentCount });
    expect(tally.shown).toBe(expected);
    expect(output.lines).toEqual(lines.slice(-expected));
  }
});
