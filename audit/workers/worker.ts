/** The program of a thread: executes the tasks that it receives, one at a time, and posts their results. */
import { parentPort, workerData } from "node:worker_threads";
import { type TaskMessage, TaskRunner, type WorkerSetup } from "./task-runner";

const runner = new TaskRunner(workerData as WorkerSetup);

parentPort?.on("message", async ({ task, spare }: TaskMessage) => {
  const result = await runner.run(task, spare);
  const memory = (result.encoded ?? []).map(({ buffer }) => buffer);
  parentPort?.postMessage(result, memory);
});
