/** The program of a thread: executes the tasks that it receives, one at a time, and posts their results. */
import { parentPort, workerData } from "node:worker_threads";
import { type TaskMessage, type TaskResult, TaskRunner, type WorkerSetup } from "./task-runner";

const runner = new TaskRunner(workerData as WorkerSetup);

async function execute({ task, spare }: TaskMessage): Promise<void> {
  const result = await runner.run(task, spare);
  parentPort?.postMessage(result, memoryOf(result));
}

/** What is transferred instead of copied. */
function memoryOf({ index, encoded }: TaskResult): ArrayBuffer[] {
  const texts = encoded ? [...encoded.pieces, encoded.ends] : [];
  return [index, ...texts].map(({ buffer }) => buffer);
}

// A failure is an unhandled rejection, which the pool receives as the worker's error.
parentPort?.on("message", (message: TaskMessage) => void execute(message));
