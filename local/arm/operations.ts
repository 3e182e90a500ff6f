import * as crypto from "node:crypto";
import { ArmError } from "./arm-error";

export type OperationStatus = "InProgress" | "Succeeded" | "Failed";

export interface Operation {
  readonly id: string;
  /** Where it is watched at only. */
  polledBy?: "Location";
  status: OperationStatus;
  readonly startTime: string;
  endTime?: string;
  error?: { code: string; message: string };
  /** Why it failed. */
  failure?: Error;
  /** What it leaves: the resource after a PUT or PATCH, an action's answer. */
  result?: unknown;
  /** Ends when the operation has; never fails. */
  done: Promise<void>;
}

/**
 * Azure's long-running operations: work goes on after the answer, and its status has a URL of its own.
 * What was under way when the process ended is gone; the resource says so by its provisioning state.
 */
export class Operations {
  private readonly operations = new Map<string, Operation>();

  start(work: () => Promise<unknown>): Operation {
    const operation: Operation = {
      id: crypto.randomUUID(),
      status: "InProgress",
      startTime: new Date().toISOString(),
      done: Promise.resolve(),
    };
    operation.done = work().then(
      (result) => {
        operation.result = result;
        finish(operation, "Succeeded");
      },
      (error: unknown) => {
        operation.failure = error instanceof Error ? error : new Error(String(error));
        operation.error = asErrorBody(error);
        finish(operation, "Failed");
      },
    );
    this.operations.set(operation.id, operation);
    return operation;
  }

  get(id: string): Operation | undefined {
    return this.operations.get(id);
  }
}

function finish(operation: Operation, status: OperationStatus): void {
  operation.status = status;
  operation.endTime = new Date().toISOString();
}

/** Azure's error body of any exception. */
export function asErrorBody(error: unknown): { code: string; message: string } {
  if (error instanceof ArmError) return error.error;
  return {
    code: "InternalServerError",
    message: error instanceof Error ? error.message : String(error),
  };
}
