import * as fs from "node:fs";
import * as path from "node:path";
import * as fc from "fast-check";
import { readTrail, type TrailReading } from "../../../../audit/read-trail";
import { FileSource } from "../../../../audit/sources/file-source";
import { hourBlobName } from "../../../../audit/sources/hours";
import { tempFolder } from "../../support/temp-folder";
import { auditMessage, azureLine } from "../azure-lines";
import { CapturedStream } from "../output/captured-stream";
import { CollectingOutput } from "../collecting-output";
import { EncodedOutput } from "../../../../audit/output/encoded-output";

/** A record of a trail: its server, its time, and how much later it is stored. */
interface Event {
  readonly server: number;
  readonly second: number;
  readonly lateSeconds: number;
  readonly copies: number;
  /** Whether it is in a file of its server outside Azure's layout. */
  readonly apart: boolean;
}

const events = fc.array(
  fc.record({
    server: fc.nat(2),
    second: fc.nat(9000),
    lateSeconds: fc.oneof(fc.constant(0), fc.nat(900)),
    copies: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 3 })),
    apart: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
  }),
  { minLength: 1, maxLength: 120 },
);

const MIDNIGHT = Date.UTC(2026, 10, 22);
const folder = tempFolder();

const lineOf = ({ server, second }: Event, number: number): string =>
  azureLine({
    server: `pg${server}`,
    timestamp: `${new Date(MIDNIGHT + second * 1000).toISOString().replace("T", " ").slice(0, -1)} UTC`,
    lineNumber: number + 1,
    message: auditMessage("READ", "SELECT", `SELECT ${number}, 'é'`),
  });

/** Writes the events as Azure would: in the order of their arrival, into the hour of their arrival. */
function writeTrail(trail: readonly Event[], root: string): void {
  const stored = trail
    .flatMap((event, number) =>
      Array.from({ length: event.copies }, (_, copy) => ({
        ...{ event, line: lineOf(event, number) },
        second: event.second + event.lateSeconds + copy * 7,
      })),
    )
    .sort((a, b) => a.second - b.second);
  for (const { event, line, second } of stored) {
    const hour = new Date(MIDNIGHT + Math.floor(second / 3600) * 3_600_000);
    const file = path.join(
      root,
      event.apart ? `${event.server}.json` : hourBlobName({ resource: `pg${event.server}`, hour }),
    );
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.appendFileSync(file, `${line}\n`);
  }
}

const reading = (paths: readonly string[]): Omit<TrailReading, "output"> => ({
  source: new FileSource({ paths, notify: () => undefined }),
  selection: { range: {}, filters: {}, decoder: {} },
  threads: 1,
  signal: new AbortController().signal,
});

async function records(root: string, more: Partial<TrailReading> = {}) {
  const output = new CollectingOutput();
  const { tally, notices } = await readTrail({ ...reading([root]), output, ...more });
  return { lines: output.lines, times: output.records.map(({ time }) => time), tally, notices };
}

async function rawText(root: string, more: Partial<TrailReading>) {
  const stream = new CapturedStream();
  const output = new EncodedOutput("raw", stream);
  const result = await readTrail({ ...reading([root]), output, ...more });
  return { text: stream.text, ...result };
}

/** Starting threads takes a second. */
const RUNS = { numRuns: 60 };
const RUNS_WITH_THREADS = { numRuns: 5 };

let run = 0;
const freshFolder = () => path.join(folder(), String((run += 1)));

test("records of several servers, late and repeated ones come in the order of their time", async () => {
  await fc.assert(
    fc.asyncProperty(events, async (trail) => {
      const root = freshFolder();
      writeTrail(trail, root);
      const all = await records(root);
      const copies = trail.reduce((sum, event) => sum + event.copies, 0);
      expect(all.times).toEqual([...all.times].sort());
      expect(all.lines).toHaveLength(copies);
      expect(new Set(all.lines)).toEqual(new Set(trail.map(lineOf)));
      const unique = await records(root, { unique: true });
      expect([...unique.lines].sort()).toEqual(trail.map(lineOf).sort());
      expect(unique.times).toEqual([...unique.times].sort());
      expect(unique.tally).toMatchObject({
        shown: trail.length,
        repeated: copies - trail.length,
      });
    }),
    RUNS,
  );
});

test("threads give out the same as one, also with a window that is too small", async () => {
  await fc.assert(
    fc.asyncProperty(events, fc.boolean(), fc.nat(20), async (trail, unique, windowRecords) => {
      const root = freshFolder();
      writeTrail([...trail, ...trail.map((event) => ({ ...event, copies: 1 }))], root);
      const options = { unique, window: { records: windowRecords, bytes: 1e6 } };
      const one = await rawText(root, options);
      const two = await rawText(root, { ...options, threads: 2, taskBytes: 3000 });
      expect(two).toEqual(one);
      expect(one.text.split("\n").filter(Boolean)).toEqual((await records(root, options)).lines);
    }),
    RUNS_WITH_THREADS,
  );
}, 60_000);
