import * as fs from "node:fs";
import { Listr, type ListrTask, PRESET_TIMER } from "listr2";
import { UserError } from "../../common/user-error";
import { lastLines } from "../../common/run-command";
import { type PlannedStack } from "./plan";
import { EngineProgress } from "./progress";

/** A stack's update or `destroy` that is tried, and where it reports to. */
export interface Attempt {
  readonly progress: EngineProgress;
  /** For the engine's output; an open file. */
  readonly log: number;
  /** Writes a line into it. */
  readonly note: (line: string) => void;
  /** What it does now, for the terminal. */
  readonly say: (state: string) => void;
  readonly signal: AbortSignal;
}

/** What became of a stack. */
export interface StackResult<T> extends PlannedStack {
  /** Undefined where it failed, or wasn't begun. */
  readonly value?: T;
  /** What was changed, or why it failed. */
  readonly text: string;
  readonly seconds: number;
  readonly tries: number;
}

export interface RunOptions<T> {
  readonly plan: readonly PlannedStack[];
  /** How many are worked on at a time. */
  readonly parallel: number;
  readonly logOf: (stack: string) => string;
  readonly signal: AbortSignal;
  readonly work: (planned: PlannedStack, attempt: Attempt) => Promise<T>;
}

/** A failure may be the cloud's for a moment; the second one of a run is the stack's own. */
const MOST_TRIES = 2;
const REDRAW_MILLISECONDS = 1000;

/** Works on each stack, some at a time, and shows the progress. The failure of one doesn't end the others. */
export async function runAll<T>(options: RunOptions<T>): Promise<StackResult<T>[]> {
  const results = new Map<string, StackResult<T>>();
  const tasks = options.plan.map((planned): ListrTask => ({
    title: titleOf(planned),
    task: async (_, task) => {
      const isTerminal = process.stdout.isTTY;
      let state: EngineProgress | undefined;
      let phase = "";
      const from = performance.now();
      const draw = () => {
        const words = [phase, state?.state, `${secondsSince(from)} s`].filter(Boolean);
        task.title = `${titleOf(planned)}: ${words.join(", ")}`;
      };
      // Elsewhere each new title is a line.
      const timer = isTerminal ? setInterval(draw, REDRAW_MILLISECONDS).unref() : undefined;
      const say = (text: string, progress: EngineProgress) => {
        phase = text;
        state = progress;
        if (!isTerminal) task.output = text;
      };
      const result = await runOne(options, planned, say).finally(() => clearInterval(timer));
      results.set(planned.stack, result);
      task.title = titleOf(planned);
      if (!("value" in result)) throw new Error(`${task.title}: ${result.text}`);
      task.title = `${titleOf(planned)}: ${result.text}`;
    },
  }));
  await new Listr(tasks, {
    concurrent: options.parallel,
    exitOnError: false,
    fallbackRenderer: "simple",
    // Listr would end the process at Ctrl-C, and leave engines that run.
    registerSignalListeners: false,
    rendererOptions: { collapseErrors: false, timer: PRESET_TIMER },
    fallbackRendererOptions: { timer: PRESET_TIMER },
  }).run();
  return options.plan.flatMap(({ stack }) => results.get(stack) ?? []);
}

/** A shared stack has its own name. */
const titleOf = ({ stack, attendees: [first, ...others] }: PlannedStack): string =>
  first === undefined || others.length > 0 ? stack : first;

/** Never fails: why it failed is in the result. */
async function runOne<T>(
  { logOf, signal, work }: RunOptions<T>,
  planned: PlannedStack,
  show: (phase: string, progress: EngineProgress) => void,
): Promise<StackResult<T>> {
  const from = performance.now();
  const ended = (tries: number, text: string) => ({
    ...planned,
    ...{ text, tries, seconds: secondsSince(from) },
  });
  if (signal.aborted) return ended(0, "not begun");
  const log = fs.openSync(logOf(planned.stack), "w", 0o600);
  const note = (line: string) => void fs.writeSync(log, `${line}\n`);
  try {
    for (let tries = 1; ; tries++) {
      const progress = new EngineProgress();
      const say = (phase: string) => show(phase, progress);
      try {
        const attempt = { progress, log, note, say, signal };
        const value = await work(planned, attempt);
        return { ...ended(tries, progress.summary), value };
      } catch (error) {
        const reason = signal.aborted ? "interrupted" : reasonOf(error, progress);
        note((error as Error).message);
        if (signal.aborted || tries === MOST_TRIES) return ended(tries, reason);
        say(`failed: ${reason} Trying again.`);
      }
    }
  } finally {
    fs.closeSync(log);
  }
}

/** The engine's own words say more than the end of its output. */
function reasonOf(error: unknown, { reason }: EngineProgress): string {
  if (reason !== undefined) return reason;
  const { message } = error as Error;
  return error instanceof UserError ? message : (lastLines(message).split("\n").at(-1) ?? message);
}

const secondsSince = (from: number): number => Math.round((performance.now() - from) / 1000);
