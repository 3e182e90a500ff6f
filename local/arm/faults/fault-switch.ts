import { setTimeout as delay } from "node:timers/promises";
import { ArmError } from "../arm-error";
import type { ArmAnswer } from "../dispatcher";
import type { Operation, Operations } from "../operations";
import {
  codeOf,
  describeEffect,
  describeFault,
  type Fault,
  type FaultEffect,
  parseFaults,
} from "./fault";

/** A request as faults look at it. */
export interface Call {
  readonly method: string;
  readonly type: string;
  readonly name: string;
  /** The word after the name in the path of a POST. */
  readonly action?: string;
  /** Whether it looks at the operation that such a request started. */
  readonly poll?: boolean;
}

/** An armed fault and what it has done. */
export interface ArmedFault {
  readonly fault: Fault;
  /** Calls of its kind since it was armed. */
  calls: number;
  /** Calls that it struck. */
  hits: number;
}

export interface FaultSwitchOptions {
  /** Every resource type there is. */
  readonly types: readonly string[];
  /** Takes a line each time that a fault strikes. */
  readonly say: (line: string) => void;
  /** Waits; replaced by tests. */
  readonly pause?: (milliseconds: number) => Promise<unknown>;
}

const WITHOUT_REASON = "Local Azure was told to fail here (its fault switch).";

/** Makes requests fail as Azure's sometimes do, when and how it was told to. */
export class FaultSwitch {
  private armed: ArmedFault[] = [];
  private readonly starts = new WeakMap<Operation, Call>();

  constructor(private readonly options: FaultSwitchOptions) {}

  /** Adds faults. @throws UserError that names every problem; none is armed then */
  arm(faults: unknown): void {
    const { types, say } = this.options;
    const parsed = parseFaults(faults, types);
    this.armed.push(...parsed.map((fault) => ({ fault, calls: 0, hits: 0 })));
    if (parsed.length > 0) say(`faults armed: ${parsed.map(describeFault).join("; ")}`);
  }

  list(): readonly ArmedFault[] {
    return this.armed;
  }

  clear(): void {
    this.armed = [];
  }

  /** The request's own answer, or what a fault makes of it; undefined where the connection is to be dropped. */
  async around(
    call: Call,
    operations: Operations,
    work: () => Promise<ArmAnswer>,
  ): Promise<ArmAnswer | undefined> {
    const effect = this.strike(call);
    const answer = await this.answer(effect, operations, work);
    if (answer?.operation) this.starts.set(answer.operation, call);
    return answer;
  }

  /** A look at an operation that is under way. */
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
      const { pause = lateAnswer } = this.options;
      await pause(effect.seconds * 1000);
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

  /** Counts the call, and gives the effect of the first fault whose turn it is. */
  private strike(call: Call): FaultEffect | undefined {
    let struck: ArmedFault | undefined;
    for (const armed of this.armed) {
      if (!matches(armed.fault, call)) continue;
      armed.calls++;
      const { call: first, times } = armed.fault;
      if (armed.calls >= first && armed.calls < first + times) struck ??= armed;
    }
    if (!struck) return undefined;
    struck.hits++;
    const { method, type, action = "", name, poll } = call;
    this.options.say(
      `fault struck ${poll ? "a poll of " : ""}${method} ${type} ${action && `${action} `}'${name}', ` +
        `call ${struck.calls}: ${describeEffect(struck.fault.effect)}`,
    );
    return struck.fault.effect;
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

const lateAnswer = (milliseconds: number) => delay(milliseconds, undefined, { ref: false });
