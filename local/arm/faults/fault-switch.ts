import { setTimeout as delay } from "node:timers/promises";
import { type Notify } from "../../../common/notify";
import { type ArmAnswer } from "../arm-answer";
import { ArmError } from "../arm-error";
import { type Operation, type Operations } from "../operations";
import {
  codeOf,
  describeEffect,
  describeFault,
  type Fault,
  type FaultEffect,
  parseFaults,
} from "./fault";

/** What faults compare of a request. */
export interface Call {
  readonly method: string;
  readonly type: string;
  readonly name: string;
  /** The action of a POST. */
  readonly action?: string;
  /** Whether it polls the operation that such a request started. */
  readonly poll?: boolean;
}

/** An armed fault and its counters. */
interface ArmedFault {
  readonly fault: Fault;
  /** Matching calls since it was armed. */
  calls: number;
  /** Calls that it made fail. */
  hits: number;
}

export interface FaultSwitchOptions {
  /** All resource types. */
  readonly types: readonly string[];
  /** Called with a line each time a fault is armed or applied. */
  readonly notify: Notify;
}

const WITHOUT_REASON = "A fault of local Azure's fault switch made this request fail.";

/** Makes requests fail on demand, as requests to Azure sometimes do. */
export class FaultSwitch {
  private armed: ArmedFault[] = [];
  private readonly starts = new WeakMap<Operation, Call>();

  constructor(private readonly options: FaultSwitchOptions) {}

  /** Adds faults. @throws UserError that names every problem; no fault is armed then */
  arm(faults: unknown): void {
    const { types, notify } = this.options;
    const parsed = parseFaults(faults, types);
    this.armed.push(...parsed.map((fault) => ({ fault, calls: 0, hits: 0 })));
    if (parsed.length > 0) notify(`faults armed: ${parsed.map(describeFault).join("; ")}`);
  }

  list(): readonly ArmedFault[] {
    return this.armed;
  }

  clear(): void {
    this.armed = [];
  }

  /** The response of the request, or that of a fault; undefined if the connection must be dropped. */
  async around(
    call: Call,
    operations: Operations,
    work: () => Promise<ArmAnswer>,
  ): Promise<ArmAnswer | undefined> {
    const effect = this.effectOn(call);
    const answer = await this.answer(effect, operations, work);
    if (answer?.operation) this.starts.set(answer.operation, call);
    return answer;
  }

  /** The same for a poll of an operation. */
  aroundPoll(
    operation: Operation,
    operations: Operations,
    work: () => Promise<ArmAnswer>,
  ): Promise<ArmAnswer | undefined> {
    const start = this.starts.get(operation);
    return start ? this.around({ ...start, poll: true }, operations, work) : work();
  }

  private async answer(
    effect: FaultEffect | undefined,
    operations: Operations,
    work: () => Promise<ArmAnswer>,
  ): Promise<ArmAnswer | undefined> {
    if (!effect) return work();
    if (effect.kind === "delay") {
      await delay(effect.seconds * 1000, undefined, { ref: false });
      return work();
    }
    const done = effect.workDone ? await work() : undefined;
    if (effect.kind === "drop") return undefined;
    const { message = WITHOUT_REASON } = effect;
    if (effect.kind === "answer") {
      throw new ArmError(effect.status, codeOf(effect), message, effect.retryAfterSeconds);
    }
    const operation = operations.start(async () => {
      await done?.operation?.done;
      throw new ArmError(500, effect.code, message);
    });
    return { status: 202, operation };
  }

  /** Counts the call; returns the effect of the first fault that applies to it. */
  private effectOn(call: Call): FaultEffect | undefined {
    let applied: ArmedFault | undefined;
    for (const armed of this.armed) {
      if (!matches(armed.fault, call)) continue;
      armed.calls++;
      const { call: first, times } = armed.fault;
      if (armed.calls >= first && armed.calls < first + times) applied ??= armed;
    }
    if (!applied) return undefined;
    applied.hits++;
    const { method, type, action = "", name, poll } = call;
    this.options.notify(
      `fault applied to ${poll ? "a poll of " : ""}${method} ${type} ${action && `${action} `}'${name}', ` +
        `call ${applied.calls}: ${describeEffect(applied.fault.effect)}`,
    );
    return applied.fault.effect;
  }
}

function matches({ method, type, name, action, poll }: Fault, call: Call): boolean {
  return (
    method === call.method &&
    poll === (call.poll ?? false) &&
    type.toLowerCase() === call.type.toLowerCase() &&
    (name === undefined || likeGlob(name).test(call.name)) &&
    (action === undefined || action.toLowerCase() === call.action?.toLowerCase())
  );
}

const likeGlob = (glob: string): RegExp =>
  new RegExp(`^${glob.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*")}$`, "i");
