import { RestError } from "@azure/storage-blob";
import { type Notify } from "../../../common/notify";

/** A storage that can't be reached is reported after this time: it restarts when an account is created or deleted. */
const RESTART_MILLISECONDS = 10_000;

interface Failing {
  readonly since: number;
  readonly reported: Set<string>;
}

/** Reports failures that repeat every second: each reason once, until it works again. */
export class Reports {
  private readonly failing = new Map<string, Failing>();

  /** @param now a monotonic clock, in milliseconds */
  constructor(
    private readonly notify: Notify,
    private readonly now = () => performance.now(),
  ) {}

  /** @returns the problem in a line */
  failed(name: string, error: unknown): string {
    const failing = this.failing.get(name) ?? { since: this.now(), reported: new Set() };
    this.failing.set(name, failing);
    const reason = reasonOf(error);
    const problem = `${name}: ${reason}`;
    const isAway = error instanceof RestError && error.statusCode === undefined;
    const isBrief = isAway && this.now() < failing.since + RESTART_MILLISECONDS;
    if (isBrief || failing.reported.has(reason)) return problem;
    failing.reported.add(reason);
    this.notify(`${problem} The lines wait in PostgreSQL's log until it works again.`);
    return problem;
  }

  worked(name: string): void {
    const failing = this.failing.get(name);
    this.failing.delete(name);
    if (failing && failing.reported.size > 0) {
      this.notify(`${name}: all lines are in the storage again.`);
    }
  }
}

/** Without the request's id and time, which differ in each message. */
function reasonOf(error: unknown): string {
  if (error instanceof RestError && error.statusCode !== undefined) {
    return `the storage answered ${error.statusCode} ${error.code ?? ""}`.trimEnd() + ".";
  }
  const message = error instanceof Error ? error.message : String(error);
  const [first = ""] = message.split("\n");
  return first.endsWith(".") ? first : `${first}.`;
}
