import { parentPort, workerData } from "node:worker_threads";
import { runTask } from "./run-task";
import { Task, WorkerSetup } from "./task";

/** The program of a thread: reads the tasks that it is sent, and answers each with what it has read. */
const setup = workerData as WorkerSetup;

parentPort?.on("message", (task: Task) => {
  const result = runTask(setup, task);
  const memory = (result.encoded ?? []).map((bytes) => bytes.buffer as ArrayBuffer);
  parentPort?.postMessage(result, memory);
});
