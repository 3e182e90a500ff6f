import { type Part, type PartEvent, type PartName, type PartReport } from "./part";
import { Watch } from "./watch";

const CHECK_MILLISECONDS = 1000;

export interface SupervisorOptions {
  /** The parts that exist now, in the order in which they are started. */
  readonly parts: () => readonly Part[];
  readonly onEvent: (event: PartEvent) => void;
  /** Called with all reports after each change. */
  readonly onReports: (reports: readonly PartReport[]) => void;
  /** Milliseconds. @default the system's monotonic clock */
  readonly now?: () => number;
}

/** The one place that starts, watches and restarts local Azure's parts. */
export class Supervisor {
  private readonly watches = new Map<string, Watch>();
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(private readonly options: SupervisorOptions) {}

  /** Starts the parts that should run, and watches them; doesn't wait for them. */
  start(): void {
    void this.check();
    this.timer = setInterval(() => void this.check(), CHECK_MILLISECONDS);
  }

  /** From now on nothing is restarted. */
  close(): void {
    this.isClosed = true;
    clearInterval(this.timer);
  }

  /** Judges every part once, in the background. @returns when all are judged, for tests */
  async check(): Promise<void> {
    if (this.isClosed) return;
    this.update();
    await Promise.all(
      [...this.watches.values()].map((watch) =>
        watch
          .check()
          .catch((error: unknown) => this.report(watch, `could not be checked: ${String(error)}`)),
      ),
    );
  }

  get reports(): PartReport[] {
    return [...this.watches.values()].map(({ report }) => report);
  }

  /**
   * Restarts a part, for a person.
   * @param instance undefined: all parts with the name
   * @throws Error if one doesn't start; the others do
   */
  async restart(name: PartName, instance?: string): Promise<void> {
    this.update();
    const meant = this.named(name).filter(
      ({ part }) => instance === undefined || part.instance === instance,
    );
    await Promise.all(meant.map((watch) => watch.restart()));
  }

  private named(name: PartName): Watch[] {
    return [...this.watches.values()].filter(({ part }) => part.name === name);
  }

  /** Takes up new parts, and drops those that were deleted. */
  private update(): void {
    const parts = new Map(this.options.parts().map((part) => [keyOf(part), part]));
    const gone = [...this.watches.keys()].filter((key) => !parts.has(key));
    for (const key of gone) this.watches.delete(key);
    const size = this.watches.size;
    for (const [key, part] of parts) {
      const known = this.watches.get(key);
      if (known) {
        known.part = part;
        continue;
      }
      const watch = new Watch(part, {
        now: this.options.now ?? (() => performance.now()),
        hasToWait: (waiting) => this.hasToWait(waiting),
        onChange: (changed, text) => this.report(changed, text),
      });
      this.watches.set(key, watch);
    }
    if (gone.length > 0 || this.watches.size > size) this.options.onReports(this.reports);
  }

  /** Whether a part that this one needs is about to be up; a failed one isn't waited for. */
  private hasToWait({ needs = [] }: Part): boolean {
    return [...this.watches.values()].some(
      ({ part, state }) =>
        needs.includes(part.name) &&
        (state === undefined ||
          state === "starting" ||
          state === "waiting" ||
          state === "stopping"),
    );
  }

  private report({ part, report }: Watch, text: string): void {
    if (this.isClosed) return;
    const { name, instance, label = instance } = part;
    const time = new Date().toISOString();
    const named = this.named(name).length > 1 ? { label } : {};
    this.options.onEvent({ time, part: name, instance, ...named, state: report.state, text });
    this.options.onReports(this.reports);
  }
}

const keyOf = ({ name, instance = "" }: Part): string => `${name} ${instance}`;
