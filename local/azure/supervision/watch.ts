import { readFileIfExists } from "../../../common/files";
import { lastLines } from "../../../common/run-command";
import { Turns } from "../../../common/turns";
import { UserError } from "../../../common/user-error";
import { type Part, type PartReport, type PartState } from "./part";
import { MOST_RESTARTS, Restarts, WITHIN_MINUTES } from "./restarts";

export interface WatchOptions {
  /** Milliseconds of any clock that runs on. */
  readonly now: () => number;
  /** Receives each change of the state. */
  readonly onChange: (watch: Watch, text: string) => void;
  /** Whether parts that this one needs are about to be started. */
  readonly hasToWait: (part: Part) => boolean;
}

/** The state machine of one part: it judges the part, and restarts it. */
export class Watch {
  private current: PartState | undefined;
  private why: string | undefined;
  private since = new Date();
  private readonly restarts = new Restarts();
  private failedProbes = 0;
  private nextProbe = 0;
  private dueAt = 0;
  /** When it stopped to work, by the clock; undefined while it works. */
  private downSince: number | undefined;
  private readonly turns = new Turns();

  constructor(
    /** As it is listed now: its label changes with the other parts. */
    public part: Part,
    private readonly options: WatchOptions,
  ) {}

  /** Undefined before the first judgement. */
  get state(): PartState | undefined {
    return this.current;
  }

  get report(): PartReport {
    const { name, instance, label, logFile } = this.part;
    const state = this.current ?? "starting";
    const since = this.since.toISOString();
    return { name, instance, label, state, since, why: this.why, logFile };
  }

  /** Judges the part, and restarts it if it has to be; called again and again. Does nothing while it is at work. */
  async check(): Promise<void> {
    if (this.turns.isBusy || this.part.isBusy()) return;
    await this.turns.take(() => this.judge());
  }

  /** Restarts the part for a person, whatever its state is. @throws Error if it doesn't start */
  async restart(): Promise<void> {
    // A start that is going on fails by this.
    if (this.turns.isBusy) await this.part.stop();
    await this.turns.take(async () => {
      this.restarts.clear();
      this.enter("stopping", "is restarted, as it was asked");
      try {
        await this.part.restart();
      } catch (error) {
        this.planRestart((error as Error).message);
        throw error;
      }
      this.becomeReady();
    });
  }

  private async judge(): Promise<void> {
    const stoppedBy = this.part.stoppedBy();
    if (stoppedBy !== undefined) return this.becomeStopped(stoppedBy);
    if (this.part.isRunning()) return this.probe();
    switch (this.current) {
      case "ready":
      case "silent":
        return this.planRestart(this.part.howItEnded() ?? "ended");
      case "failed":
        return;
      default:
        if (this.options.now() < this.dueAt || this.options.hasToWait(this.part)) return;
        return this.start();
    }
  }

  private async probe(): Promise<void> {
    const { probe } = this.part;
    if (this.options.now() < this.nextProbe) return;
    const problem = await this.part.problem();
    this.nextProbe = this.options.now() + probe.everySeconds * 1000;
    if (problem === undefined) return this.becomeReady();
    // It ended meanwhile, or something else works on it: the next check judges that.
    if (!this.part.isRunning() || this.part.isBusy()) return;
    this.failedProbes++;
    const count = problem.isStarting ? (probe.countWhileStarting ?? probe.count) : probe.count;
    if (this.failedProbes < count) return;
    this.failedProbes = 0;
    if (probe.whenSilent === "report") return this.enter("silent", problem.text);
    this.enter("stopping", `${problem.text}; it is ended, to be started again`);
    await this.part.stop();
    this.planRestart(problem.text);
  }

  private async start(): Promise<void> {
    this.enter("starting", "starts");
    try {
      await this.part.start();
    } catch (error) {
      if (this.part.stoppedBy() !== undefined) return;
      const { message } = error as Error;
      if (this.part.isRunning()) this.enter("silent", message);
      else if (error instanceof UserError) this.fail(message);
      else this.planRestart(message);
      return;
    }
    this.becomeReady();
  }

  private planRestart(why: string): void {
    const now = this.options.now();
    const delay = this.restarts.next(now);
    if (delay === undefined) {
      return this.fail(
        `${why}; not started again after ${MOST_RESTARTS} restarts in ${WITHIN_MINUTES} min`,
      );
    }
    this.dueAt = now + delay * 1000;
    this.enter("waiting", `${why}; starts again in ${delay} s`);
  }

  private fail(why: string): void {
    const log = lastLines(readFileIfExists(this.part.logFile) ?? "");
    this.enter("failed", `can't be kept running: ${why}\nThe end of ${this.part.logFile}:\n${log}`);
  }

  private becomeReady(): void {
    this.failedProbes = 0;
    if (this.current === "ready") return;
    const seconds =
      this.downSince === undefined
        ? undefined
        : Math.round((this.options.now() - this.downSince) / 1000);
    this.enter("ready", seconds === undefined ? "is up" : `is up again after ${seconds} s`);
  }

  private becomeStopped(by: string): void {
    this.restarts.clear();
    this.failedProbes = 0;
    if (this.current !== "stopped" || this.why !== by) this.enter("stopped", by);
  }

  private enter(state: PartState, text: string): void {
    const isDown = state !== "ready" && state !== "stopped" && this.current !== undefined;
    if (isDown) this.downSince ??= this.options.now();
    if (!isDown) this.downSince = undefined;
    if (this.current === state && this.why === text) return;
    if (state !== this.current) this.nextProbe = 0;
    this.current = state;
    this.why = text;
    this.since = new Date();
    this.options.onChange(this, state === "stopped" ? `was stopped ${text}` : text);
  }
}
