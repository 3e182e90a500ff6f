import fc from "fast-check";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { ShippedLog } from "../../../../../local/backends/log-shipper/log-shipper";
import { type Fate, FakeContainer } from "./fake-container";
import { LabLog, messages } from "./lab-log";

/** Two hours, so that lines near the change of the hour are mixed, and a clock that is set back. */
const HOURS = ["08", "09"];
const SESSIONS = ["a", "b", "c"];

type Event =
  | {
      readonly kind: "log";
      readonly hour: number;
      readonly session: number;
      readonly long: boolean;
    }
  | { readonly kind: "rotate" | "storage killed" | "process killed" }
  | { readonly kind: "ship"; readonly fates: readonly Fate[] }
  | { readonly kind: "disk full"; readonly renamed: boolean }
  | { readonly kind: "time"; readonly seconds: number };

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("log" as const),
      hour: fc.nat(HOURS.length - 1),
      session: fc.nat(SESSIONS.length - 1),
      long: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("ship" as const),
      fates: fc.array(fc.constantFrom<Fate>("done", "done", "done", "refused", "answer lost"), {
        maxLength: 8,
      }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "rotate" as const,
        "storage killed" as const,
        "process killed" as const,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("disk full" as const), renamed: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("time" as const), seconds: fc.nat(40) }),
  },
);

/** The storage, the log and local Azure's process, to which anything may happen. */
class World {
  readonly container = new FakeContainer();
  readonly written: { readonly session: string; readonly message: string }[] = [];
  private readonly log: LabLog;
  private process: ShippedLog;
  private file = 1;
  private milliseconds = 0;

  constructor(readonly folder: string) {
    this.log = new LabLog(folder);
    this.process = this.start();
  }

  private start(): ShippedLog {
    return new ShippedLog(
      () => undefined,
      () => this.milliseconds,
    );
  }

  async happen(event: Event): Promise<void> {
    switch (event.kind) {
      case "log":
        return this.write(event);
      case "rotate":
        this.file++;
        return;
      case "storage killed":
        return this.container.restart();
      case "process killed":
        this.process = this.start();
        return;
      case "time":
        return this.pass(event.seconds);
      case "ship":
        return this.ship(event.fates);
      case "disk full":
        return this.fillDisk(event.renamed);
    }
  }

  /** Everything works again. */
  async heal(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      this.pass(6);
      await this.ship([], false);
    }
  }

  private write({ hour, session, long }: Extract<Event, { kind: "log" }>): void {
    const name = SESSIONS[session] as string;
    const message = `${name}${this.written.length}${long ? "x".repeat(3_000_000) : ""}`;
    this.written.push({ session: name, message });
    this.log.write(`${this.file}.json`, { hour: HOURS[hour] ?? "", message });
  }

  /** The storage saves every 5 seconds. */
  private pass(seconds: number): void {
    this.milliseconds += seconds * 1000;
    if (seconds >= 5) this.container.save();
  }

  private async ship(fates: readonly Fate[], mayFail = true): Promise<void> {
    const rest = [...fates];
    this.container.fate = () => rest.shift() ?? "done";
    const done = this.process.ship(this.log.source(this.container));
    await (mayFail ? done.catch(() => undefined) : done);
  }

  /** The state can't be written, or the process is killed right after it was. */
  private async fillDisk(renamed: boolean): Promise<void> {
    const { rename } = fs.promises;
    const spy = jest.spyOn(fs.promises, "rename").mockImplementationOnce(async (from, to) => {
      if (renamed) await rename(from, to);
      throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC", errno: -28 });
    });
    await this.ship([]);
    spy.mockRestore();
    if (renamed) this.process = this.start();
  }
}

test("whatever is killed or fails, every line is in the blobs once, in order by session", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 25 }), async (events) => {
      const world = new World(fs.mkdtempSync(path.join(os.tmpdir(), "pg-audit-lab-test-")));
      try {
        for (const each of events) await world.happen(each);
        await world.heal();
        const found = HOURS.map((hour) =>
          messages(world.container, hour).map((text) => text.replace(/^ LOG: {2}/, "")),
        );
        const all = world.written.map(({ message }) => message);
        expect(found.flat().sort()).toEqual([...all].sort());
        for (const inHour of found) {
          const order = inHour.map((message) => all.indexOf(message));
          expect(order).toEqual([...order].sort((one, other) => one - other));
        }
      } finally {
        fs.rmSync(world.folder, { recursive: true });
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);
