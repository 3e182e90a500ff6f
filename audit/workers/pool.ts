import * as path from "node:path";
import { Worker } from "node:worker_threads";
import { Findings } from "../decode/decoder";
import { addTally, newTally, type OutputShare, type RecordOutput, type Tally } from "../output/record-output";
import { type Selection } from "../record-reader";
import { type Plan } from "./plan";
import { type Task, type TaskMessage, type TaskResult, type WorkerSetup } from "./task";

export interface ThreadedReading extends Plan {
  readonly selection: Selection;
  readonly output: RecordOutput;
  readonly share: OutputShare;
  readonly signal: AbortSignal;
}

/** Tasks a thread that are given out before the first one's result is taken: none waits, and little is kept. */
const TASKS_AHEAD = 2;

/**
 * Reads the tasks in threads, and gives out their results in the tasks' order: what one thread would give out.
 * The output isn't ended.
 */
export async function readInThreads(
  reading: ThreadedReading,
): Promise<{ tally: Tally; notices: readonly string[] }> {
  const { tasks, threads, selection, output, share, signal } = reading;
  const tally = newTally();
  const findings = new Findings(selection.decoder.logLinePrefix);
  const pool = new Pool(threads, {
    selection,
    ...(share.kind === "encoded" ? { format: share.format } : {}),
  });
  try {
    const toGive = [...tasks];
    const results: Promise<TaskResult>[] = [];
    while (!signal.aborted && !output.closed) {
      const room = threads * TASKS_AHEAD - results.length;
      for (const task of toGive.splice(0, room)) results.push(pool.run(task));
      const first = results.shift();
      const result = first && (await untilAborted(first, signal));
      if (!result) break;
      addTally(tally, result.tally);
      findings.add(result.findings);
      pool.reuse(await giveOut(share, result));
      await output.drain();
    }
    return { tally, notices: findings.notices };
  } finally {
    await pool.close();
  }
}

/** Resolves with memory that may be used again. */
async function giveOut(
  share: OutputShare,
  { summary, encoded = [] }: TaskResult,
): Promise<readonly ArrayBuffer[]> {
  if (share.kind === "summary") {
    if (summary) share.add(summary);
    return [];
  }
  await Promise.all(
    encoded.map(({ buffer, byteOffset, byteLength }) =>
      share.writeEncoded(Buffer.from(buffer, byteOffset, byteLength)),
    ),
  );
  return encoded.map(({ buffer }) => buffer);
}

/** Undefined where the signal comes first. */
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

/** Threads that take tasks in the order in which they come. */
class Pool {
  private readonly workers: Worker[];
  private readonly idle: Worker[] = [];
  private readonly waiting: Job[] = [];
  private readonly running = new Map<Worker, Job>();
  private spare: readonly ArrayBuffer[] = [];
  private failure: unknown;

  constructor(threads: number, setup: WorkerSetup) {
    this.workers = Array.from({ length: threads }, () => this.start(setup));
  }

  run(task: Task): Promise<TaskResult> {
    const result = new Promise<TaskResult>((resolve, reject) => {
      this.waiting.push({ task, resolve, reject });
      this.dispatch();
    });
    // Whoever waits for it hears of it; a task that nobody waits for any more may fail unheard.
    result.catch(() => undefined);
    return result;
  }

  /** Takes memory of results for those to come. */
  reuse(memory: readonly ArrayBuffer[]): void {
    this.spare = [...this.spare, ...memory];
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private start(workerData: WorkerSetup): Worker {
    const worker = new Worker(path.join(__dirname, "worker.ts"), {
      workerData,
      // tsx's --import does nothing in a thread of Node 20; this one teaches it TypeScript.
      execArgv: ["--require", require.resolve("tsx/cjs")],
    });
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

  /** A thread that fails ends the reading: its part of the trail would be missing. */
  private fail(error: unknown): void {
    this.failure = error;
    for (const job of [...this.running.values(), ...this.waiting.splice(0)]) job.reject(error);
    this.running.clear();
  }
}
