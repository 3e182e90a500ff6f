/** The program of a thread: executes the tasks that it receives, one at a time, and posts their results. */
import { parentPort, workerData } from "node:worker_threads";
import { type TaskMessage, TaskRunner, type WorkerSetup } from "./task-runner";

const runner = new TaskRunner(workerData as WorkerSetup);

async function execute({ task, spare }: TaskMessage): Promise<void> {
  const result = await runner.run(task, spare);
  const memory = (result.encoded ?? []).map(({ buffer }) => buffer);
  parentPort?.postMessage(result, memory);
}

// A failure is an unhandled rejection, which the pool receives as the worker's error.
parentPort?.on("message", (message: TaskMessage) => void execute(message));
