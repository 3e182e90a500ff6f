import * as path from "node:path";
import { Worker } from "node:worker_threads";
import { Findings } from "../decode/findings";
import type { OutputShare, RecordOutput } from "../output/record-output";
import { addTally, newTally, type Tally } from "../output/tally";
import type { Selection } from "../record-reader";
import type { UnreadableFiles } from "../sources/unreadable";
import type { Plan } from "./plan";
import type { Task, TaskMessage, TaskResult, WorkerSetup } from "./task-runner";

export interface ThreadedReading extends Plan {
  readonly selection: Selection;
  readonly output: RecordOutput;
  readonly share: OutputShare;
  /** Receives the files that can't be read any more. */
  readonly unreadable?: UnreadableFiles;
  readonly signal: AbortSignal;
}

/** Tasks per thread before the first result is written: no thread waits, and few results are in memory. */
const TASKS_AHEAD = 2;

/** Executes the tasks in threads, and writes their results in the order of the tasks; doesn't end the output. */
export async function readInThreads(
  reading: ThreadedReading,
): Promise<{ tally: Tally; notices: readonly string[] }> {
  const { tasks, threads, selection, output, share, unreadable, signal } = reading;
  const tally = newTally();
  const findings = new Findings(selection.decoder.logLinePrefix);
  const pool = new Pool(threads, {
    selection,
    ...(share.kind === "encoded" ? { format: share.format } : { rules: share.rules?.setup }),
  });
  try {
    const waiting = [...tasks];
    const results: Promise<TaskResult>[] = [];
    while (!signal.aborted && !output.closed) {
      const room = threads * TASKS_AHEAD - results.length;
      for (const task of waiting.splice(0, room)) results.push(pool.run(task));
      const first = results.shift();
      const result = first && (await untilAborted(first, signal));
      if (!result) break;
      addTally(tally, result.tally);
      findings.add(result.findings);
      for (const problem of result.problems) unreadable?.add(problem);
      pool.reuse(await writeResult(share, result));
      await output.drain();
    }
    return { tally, notices: findings.notices };
  } finally {
    await pool.close();
  }
}

/** Resolves with memory that may be reused. */
async function writeResult(
  share: OutputShare,
  { summary, rules, encoded = [] }: TaskResult,
): Promise<readonly ArrayBuffer[]> {
  if (share.kind === "summary") {
    if (summary) share.add(summary);
    if (rules) share.rules?.addPart(rules);
    return [];
  }
  await Promise.all(
    encoded.map(({ buffer, byteOffset, byteLength }) =>
      share.writeEncoded(Buffer.from(buffer, byteOffset, byteLength)),
    ),
  );
  return encoded.map(({ buffer }) => buffer);
}

/** Undefined if the signal comes first. */
function untilAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const stop = () => resolve(undefined);
    signal.addEventListener("abort", stop, { once: true });
    void result.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

interface Job {
  readonly task: Task;
  readonly resolve: (result: TaskResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The folder of the bundle (common/bundle.js), which contains the compiled worker. Undefined when the sources run: then
 * tsx compiles worker.ts, with --require, because tsx's --import has no effect in a thread of Node.js 20.
 */
declare const BUNDLE_FOLDER: string | undefined;

function startWorker(workerData: WorkerSetup): Worker {
  if (typeof BUNDLE_FOLDER === "string") {
    return new Worker(path.join(BUNDLE_FOLDER, "audit-worker.js"), { workerData });
  }
  const execArgv = ["--require", require.resolve("tsx/cjs")];
  return new Worker(path.join(__dirname, "worker.ts"), { workerData, execArgv });
}

/** Threads that execute tasks in the order of `run`. */
class Pool {
  private readonly workers: Worker[];
  private readonly idle: Worker[] = [];
  private readonly waiting: Job[] = [];
  private readonly running = new Map<Worker, Job>();
  private spare: readonly ArrayBuffer[] = [];
  private failure: unknown;

  constructor(threads: number, setup: WorkerSetup) {
    this.workers = Array.from({ length: threads }, () => this.add(setup));
  }

  run(task: Task): Promise<TaskResult> {
    const result = new Promise<TaskResult>((resolve, reject) => {
      this.waiting.push({ task, resolve, reject });
      this.dispatch();
    });
    // The caller handles a failure; after an abort nobody waits for the task any more.
    result.catch(() => undefined);
    return result;
  }

  /** Adds memory of earlier results, for later ones. */
  reuse(memory: readonly ArrayBuffer[]): void {
    this.spare = [...this.spare, ...memory];
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private add(workerData: WorkerSetup): Worker {
    const worker = startWorker(workerData);
    worker.on("message", (result: TaskResult) => {
      this.running.get(worker)?.resolve(result);
      this.running.delete(worker);
      this.idle.push(worker);
      this.dispatch();
    });
    worker.on("error", (error) => this.fail(error));
    this.idle.push(worker);
    return worker;
  }

  private dispatch(): void {
    if (this.failure !== undefined) this.fail(this.failure);
    while (this.idle.length > 0 && this.waiting.length > 0) {
      const [worker, job] = [this.idle.shift(), this.waiting.shift()];
      if (!worker || !job) return;
      this.running.set(worker, job);
      const message: TaskMessage = { task: job.task, spare: this.spare };
      worker.postMessage(message, this.spare);
      this.spare = [];
    }
  }

  /** A failed thread ends the reading, because its part of the trail is missing. */
  private fail(error: unknown): void {
    this.failure = error;
    for (const job of [...this.running.values(), ...this.waiting.splice(0)]) job.reject(error);
    this.running.clear();
  }
}
