import { parentPort, workerData } from "node:worker_threads";
import { type TaskMessage, type WorkerSetup } from "./task";
import { TaskRunner } from "./task-runner";

/** The program of a thread: reads the tasks that it is sent, and answers each with what it has read. */
const runner = new TaskRunner(workerData as WorkerSetup);

parentPort?.on("message", ({ task, spare }: TaskMessage) => {
  const result = runner.run(task, spare);
  const memory = (result.encoded ?? []).map(({ buffer }) => buffer);
  parentPort?.postMessage(result, memory);
});
