import * as crypto from "node:crypto";
import { ArmError, serverIsBusy } from "./arm-error";
import { resourceKey } from "./resource-id";
import { type ResourceType } from "./resource-type";

export type OperationStatus = "InProgress" | "Succeeded" | "Failed";

export interface Operation {
  readonly id: string;
  /** Set if clients can poll it only at the URL in this header. */
  polledBy?: "Location";
  status: OperationStatus;
  readonly startTime: string;
  endTime?: string;
  error?: { code: string; message: string };
  /** Why it failed. */
  failure?: Error;
  /** The resource after a PUT or PATCH, or the response of an action. */
  result?: unknown;
  /** Resolves when the operation has ended; never rejects. */
  done: Promise<void>;
}

/**
 * Azure's long-running operations: the work continues after the response, and its status has a URL.
 * Operations are lost when the process ends; a PUT repeats their work.
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

/** Azure's error body for any exception. */
export function asErrorBody(error: unknown): { code: string; message: string } {
  if (error instanceof ArmError) return error.error;
  return {
    code: "InternalServerError",
    message: error instanceof Error ? error.message : String(error),
  };
}

/** Separates requests that change the same resource: some are refused, the others wait. */
export class Locks {
  private readonly held = new Set<string>();
  private readonly turns = new Map<string, Promise<unknown>>();

  /**
   * Takes the type's lock, so that a second request is refused at once.
   * @returns a function that releases the lock
   * @throws ArmError 409 ServerIsBusy if another request holds it
   */
  take(type: ResourceType, id: string): () => void {
    const lock = type.lock?.(id).toLowerCase();
    if (lock === undefined) return () => undefined;
    if (this.held.has(lock)) throw serverIsBusy(lock);
    this.held.add(lock);
    return () => this.held.delete(lock);
  }

  isHeld(type: ResourceType, id: string): boolean {
    const lock = type.lock?.(id).toLowerCase();
    return lock !== undefined && this.held.has(lock);
  }

  /** Runs the work on each resource one after the other: an interrupted client may repeat a request while the first still runs. */
  inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const key = resourceKey(id);
    const before = this.turns.get(key) ?? Promise.resolve();
    const turn = before.then(work);
    this.turns.set(
      key,
      turn.catch(() => undefined),
    );
    return turn;
  }
}
