import { type ContainerClient } from "@azure/storage-blob";
import * as fs from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type Notify } from "../../../common/notify";
import { LineNumbers } from "./line-numbers";
import { isBefore, logEnd, readLogAgain, readLogChunk, removeReadFiles } from "./log-files";
import { parseLogLines } from "./log-lines";
import { azureRecord, blobName, type RecordContext } from "./record";
import { Reports } from "./reports";
import { type Containers, type Rendered, Shipment } from "./shipment";

/** The log is looked at this often. */
const LOOK_MILLISECONDS = 100;
/**
 * What is logged meanwhile is one append, or one for each chunk: 14,400 an hour, and less than 30,000 at 10 MB a second. A blob
 * takes 50,000.
 */
const APPEND_MILLISECONDS = 250;
/** While there are no lines, and the storage may still lose the latest ones. */
const CHECK_MILLISECONDS = 5000;

/** Where a server's log lines come from and go to; read again at each flush. */
export interface LogSource {
  readonly resourceId: string;
  readonly location: string;
  readonly logFolder: string;
  /** Stores the position up to which the log is shipped. */
  readonly stateFile: string;
  /** The server's current log_line_prefix. */
  logLinePrefix(): Promise<string>;
  /**
   * The containers of the diagnostic settings, by account; a missing one is created with the first line. Without any, the
   * lines are dropped, as on Azure. While all settings are so new that they deliver nothing yet, the lines wait.
   */
  containers(): Promise<ReadonlyMap<string, ContainerClient> | "not yet">;
}

/** Writes the servers' logs to their storage accounts as they grow, with Azure's record format and blob names. */
export class LogShipper {
  private readonly stopping = new AbortController();
  private readonly logs = new Map<string, ShippedLog>();
  private readonly reports: Reports;
  private running: Promise<void> = Promise.resolve();
  private lastProblem: string | undefined;

  /**
   * @param sources returns the servers whose logs can be read now
   * @param notify receives each reason why a flush failed once; the next flushes try again
   */
  constructor(
    private readonly sources: () => readonly LogSource[],
    private readonly notify: Notify,
  ) {
    this.reports = new Reports(notify);
  }

  /** Why the last flush failed; undefined if it didn't. */
  get problem(): string | undefined {
    return this.lastProblem;
  }

  start(): void {
    this.running = this.run();
  }

  /** Ends after a last flush. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await this.flush();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const started = performance.now();
      const pause = (await this.flush()) ? APPEND_MILLISECONDS : LOOK_MILLISECONDS;
      const rest = Math.max(0, started + pause - performance.now());
      await delay(rest, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @returns whether the next one can wait */
  private async flush(): Promise<boolean> {
    let problem: string | undefined;
    let canWait = false;
    for (const source of this.sources()) {
      try {
        const log = this.logs.get(source.stateFile) ?? new ShippedLog(this.notify);
        this.logs.set(source.stateFile, log);
        const outcome = await log.ship(source);
        if (outcome === "shipped") canWait = true;
        if (outcome !== "waiting") this.reports.worked(source.resourceId);
      } catch (error) {
        canWait = true;
        problem = this.reports.failed(source.resourceId, error);
      }
    }
    this.lastProblem = problem;
    return canWait;
  }
}

/** Whether there were lines; `waiting`: they can't be delivered yet. */
export type Outcome = "shipped" | "nothing new" | "waiting";

/** A server's log and how far it is shipped. */
export class ShippedLog {
  private shipment: Shipment | undefined;
  private stamp = "";
  private checkedAt = -Infinity;

  /** @param now a monotonic clock, in milliseconds */
  constructor(
    private readonly notify: Notify,
    private readonly now = () => performance.now(),
  ) {}

  /** Ships all complete lines that are in the log now. */
  async ship(source: LogSource): Promise<Outcome> {
    const shipment = await this.current(source);
    try {
      const outcome = await this.shipLines(source, shipment);
      return outcome === "nothing new" ? await this.checkNowAndThen(source, shipment) : outcome;
    } finally {
      this.stamp = stampOf(source.stateFile);
    }
  }

  private async shipLines(source: LogSource, shipment: Shipment): Promise<Outcome> {
    const end = logEnd(source.logFolder);
    for (let outcome: Outcome = "nothing new"; ; outcome = "shipped") {
      // Not what is logged during the appends: they would be as many as Azurite takes.
      if (!end || (outcome === "shipped" && !isBefore(shipment.position, end))) return outcome;
      const chunk = readLogChunk(source.logFolder, shipment.position);
      if (!chunk) return outcome;
      // Read after the lines, so that no line is sent for a setting that has been deleted.
      const containers = await source.containers();
      if (containers === "not yet") return "waiting";
      await shipment.resume(containers);
      const { lines, position, problem } = chunk;
      if (problem !== undefined) this.tell(source, `${problem} Lines may be missing.`);
      const logLinePrefix = await source.logLinePrefix();
      const context = { ...source, logLinePrefix };
      const place = `before byte ${position.offset} of the log file ${position.file}`;
      const rendered = render(lines, shipment.nextFurtherLines, context, (damaged) =>
        this.tell(source, `${damaged} damaged lines ${place} are left out.`),
      );
      await shipment.ship(containers, rendered, { position, logLinePrefix });
      if (shipment.keptFrom) removeReadFiles(source.logFolder, shipment.keptFrom);
    }
  }

  private async checkNowAndThen(source: LogSource, shipment: Shipment): Promise<Outcome> {
    const isDue = this.now() >= this.checkedAt + CHECK_MILLISECONDS;
    if (!shipment.isBroken && !(shipment.isUnsafe && isDue)) return "nothing new";
    const containers: Containers | "not yet" = await source.containers();
    if (containers === "not yet") return "waiting";
    this.checkedAt = this.now();
    await shipment.check(containers);
    return "nothing new";
  }

  /** The state file is read again where another process or another server of that name has written it. */
  private async current(source: LogSource): Promise<Shipment> {
    const { stateFile, logFolder } = source;
    if (this.shipment && this.stamp === stampOf(stateFile)) return this.shipment;
    const prefix = await source.logLinePrefix();
    const options = {
      stateFile,
      now: this.now,
      notify: (problem: string) => this.tell(source, problem),
      render: ({ before, position, furtherLines, logLinePrefix }) => {
        const lines = readLogAgain(logFolder, before, position);
        return lines && render(lines, furtherLines, { ...source, logLinePrefix });
      },
    } satisfies ConstructorParameters<typeof Shipment>[0];
    return (this.shipment = new Shipment(options, prefix));
  }

  private tell({ resourceId }: LogSource, problem: string): void {
    this.notify(`${resourceId}: ${problem}`);
  }
}

function stampOf(file: string): string {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.ino} ${stat.mtimeMs} ${stat.size}` : "";
}

function render(
  texts: readonly string[],
  furtherLines: Rendered["furtherLines"],
  context: RecordContext,
  onDamage: (count: number) => void = () => undefined,
): Rendered {
  const numbers = new LineNumbers(furtherLines);
  const { lines, damaged } = parseLogLines(texts);
  if (damaged > 0) onDamage(damaged);
  const records = new Map<string, string[]>();
  for (const each of lines) {
    const line = numbers.number(each);
    const blob = blobName(context.resourceId, line.timestamp);
    const ofBlob = records.get(blob) ?? [];
    records.set(blob, ofBlob);
    ofBlob.push(`${azureRecord(line, context)}\n`);
  }
  return {
    texts: new Map([...records].map(([blob, parts]) => [blob, Buffer.from(parts.join(""))])),
    furtherLines: numbers.state,
  };
}
