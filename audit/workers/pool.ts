import * as path from "node:path";
import { Worker } from "node:worker_threads";
import { Batch, type BatchContent, type BatchStream } from "../order/batch";
import { COUNTED } from "../order/collectors";
import { EncodedWriter } from "../order/encoded-writer";
import { RecordIndex } from "../order/record-index";
import { type OrderedResult, type OrderOptions, readInOrder } from "../order/record-order";
import type { OutputShare, RecordOutput } from "../output/record-output";
import type { Selection } from "../record-reader";
import type { UnreadableFiles } from "../sources/unreadable";
import type { Plan, PlannedTask, TaskStream } from "./plan";
import type { Task, TaskMessage, TaskResult, WorkerSetup } from "./task-runner";

export interface ThreadedReading extends Plan, OrderOptions {
  readonly selection: Selection;
  readonly output: RecordOutput;
  readonly share: OutputShare;
  /** Receives the files that can't be read any more. */
  readonly unreadable?: UnreadableFiles;
  readonly signal: AbortSignal;
}

/** Tasks per thread before the first result is needed: no thread waits, and few results are in memory. */
const TASKS_AHEAD = 2;

/** Executes the tasks in threads, and writes their records in the order of time; doesn't end the output. */
export async function readInThreads(reading: ThreadedReading): Promise<OrderedResult> {
  const { streams, threads, selection, share, unreadable, signal } = reading;
  const pool = new Pool(threads, {
    selection,
    ...(share.kind === "encoded" ? { format: share.format } : { rules: share.rules?.setup }),
  });
  const { contentOf, drain } = contentsFor(share, pool);
  const schedule = new Schedule(streams, pool, threads * TASKS_AHEAD);
  const batches = streams.map((stream): BatchStream => {
    const tasks = stream.tasks[Symbol.iterator]();
    return {
      earliest: stream.earliest,
      next: async () => {
        const task = tasks.next();
        const result = task.done
          ? undefined
          : await untilAborted(schedule.result(task.value), signal);
        for (const problem of result?.problems ?? []) unreadable?.add(problem);
        return result && new Batch(new RecordIndex(result.index), result, contentOf(result));
      },
      close: async () => undefined,
    };
  });
  try {
    return await readInOrder({
      ...reading,
      streams: batches,
      drain,
      logLinePrefix: selection.decoder.logLinePrefix,
    });
  } finally {
    await pool.close();
  }
}

/** What is done with a thread's results. */
function contentsFor(
  share: OutputShare,
  pool: Pool,
): { contentOf: (result: TaskResult) => BatchContent; drain: () => Promise<void> } {
  if (share.kind === "summary") {
    const contentOf = ({ summary, rules }: TaskResult) => {
      if (summary) share.add(summary);
      if (rules) share.rules?.addPart(rules);
      return COUNTED;
    };
    return { contentOf, drain: async () => undefined };
  }
  const writer = new EncodedWriter(share);
  const contentOf = ({ encoded }: TaskResult) =>
    encoded ? writer.contentOf(encoded, (memory) => pool.reuse(memory)) : COUNTED;
  return { contentOf, drain: () => writer.drain() };
}

/** Starts the tasks of all streams in the order in which their results are probably needed. */
class Schedule {
  private readonly waiting: PlannedTask[];
  /** Of the tasks that were started ahead. */
  private readonly results = new Map<PlannedTask, Promise<TaskResult>>();

  /** @param ahead number of tasks that are started before their result is needed */
  constructor(
    streams: readonly TaskStream[],
    private readonly pool: Pool,
    private readonly ahead: number,
  ) {
    this.waiting = streams.flatMap(({ tasks }) => tasks).sort((a, b) => a.from - b.from);
  }

  /** To be called once for each task. */
  result(task: PlannedTask): Promise<TaskResult> {
    if (!this.results.has(task)) this.start(this.waiting.indexOf(task));
    while (this.results.size < this.ahead && this.waiting.length > 0) this.start(0);
    const result = this.results.get(task);
    this.results.delete(task);
    if (!result) throw new Error("the result of a task was requested twice");
    return result;
  }

  private start(index: number): void {
    for (const task of this.waiting.splice(index, 1)) this.results.set(task, this.pool.run(task));
  }
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
