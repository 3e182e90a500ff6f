import { type Part, type PartEvent, type Problem } from "../../../../local/azure/supervision/part";
import { Supervisor } from "../../../../local/azure/supervision/supervisor";

/** A part without a process: tests decide what it does. */
export class FakePart implements Part {
  readonly calls: string[] = [];
  readonly logFile = "/no/such/log";
  readonly needs: Part["needs"];
  probe: Part["probe"] = { everySeconds: 5, count: 3, whenSilent: "restart" };
  runs = false;
  busy = false;
  stopped: string | undefined;
  wrong: Problem | undefined;
  end: string | undefined;
  /** What `start` does; by default the part runs then. */
  onStart: () => void | Promise<void> = () => undefined;

  constructor(
    readonly name: Part["name"],
    needs?: Part["needs"],
    readonly instance?: string,
  ) {
    this.needs = needs;
  }

  stoppedBy = () => this.stopped;
  isBusy = () => this.busy;
  isRunning = () => this.runs;
  howItEnded = () => this.end;
  problem = async () => this.wrong;

  async start(): Promise<void> {
    this.calls.push("start");
    await this.onStart();
    this.runs = true;
    this.wrong = undefined;
  }

  async stop(): Promise<void> {
    this.calls.push("stop");
    this.runs = false;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** What kill -9 does. */
  kill(): void {
    this.runs = false;
    this.end = "was ended by SIGKILL";
  }
}

/** A supervisor with a clock that the test moves. */
export class SupervisedParts {
  readonly events: PartEvent[] = [];
  readonly supervisor: Supervisor;
  private milliseconds = 0;

  constructor(public parts: FakePart[]) {
    this.supervisor = new Supervisor({
      parts: () => this.parts,
      onEvent: (event) => this.events.push(event),
      onReports: () => undefined,
      now: () => this.milliseconds,
    });
  }

  /** Moves the clock second by second, and lets the supervisor check at each. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      this.milliseconds += 1000;
      await this.supervisor.check();
    }
  }

  stateOf(name: Part["name"]): string | undefined {
    return this.supervisor.reports.find((report) => report.name === name)?.state;
  }

  get texts(): string[] {
    return this.events.map(({ part, text }) => `${part} ${text.split("\n")[0]}`);
  }
}
