import { ArmError } from "./arm-error";
import { type ArmAnswer } from "./dispatcher";
import { type Operation, type Operations } from "./operations";

/** How long the status of an operation is held back for its end; saves a client the polling. */
const STATUS_WAIT_MILLISECONDS = 1000;

const OPERATION_PATH =
  /^\/subscriptions\/[^/]+\/providers\/Local\.Azure\/(operationStatuses|operationResults)\/([^/]+)$/i;

/** A look at an operation: at its status, or at what it leaves. */
export interface OperationLook {
  readonly operation: Operation;
  answer(): Promise<ArmAnswer>;
}

/** The URLs that an operation is watched at: headers of the answer that starts it. */
export function operationUrls(
  baseUrl: string,
  subscriptionId: string,
  { id, polledBy }: Operation,
  apiVersion: string,
): Record<string, string> {
  const path = `${baseUrl}/subscriptions/${subscriptionId}/providers/Local.Azure`;
  const result = { Location: `${path}/operationResults/${id}?api-version=${apiVersion}` };
  if (polledBy === "Location") return result;
  const status = `${path}/operationStatuses/${id}?api-version=${apiVersion}`;
  return { "Azure-AsyncOperation": status, ...result };
}

/**
 * The operation that such a URL is about; undefined for any other path.
 * Source: Azure Resource Manager, "Track asynchronous Azure operations".
 * @throws ArmError 404 where there is no such operation
 */
export function operationAt(operations: Operations, pathname: string): OperationLook | undefined {
  const [, view, id = ""] = OPERATION_PATH.exec(pathname) ?? [];
  if (view === undefined) return undefined;
  const operation = operations.get(id);
  if (!operation) {
    throw new ArmError(404, "OperationNotFound", `The operation '${id}' was not found.`);
  }
  const show = view.toLowerCase() === "operationstatuses" ? statusOf : resultOf;
  return { operation, answer: () => untilItEnds(operation).then(() => show(operation)) };
}

/** Held back for a while, as the operation may end. */
async function untilItEnds(operation: Operation): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise((resolve) => (timer = setTimeout(resolve, STATUS_WAIT_MILLISECONDS)));
  await Promise.race([operation.done, waited]);
  clearTimeout(timer);
}

function statusOf({ id, status, startTime, endTime, error }: Operation): ArmAnswer {
  return {
    status: status === "InProgress" ? 202 : 200,
    body: { id, name: id, status, startTime, endTime, error },
  };
}

function resultOf(operation: Operation): ArmAnswer {
  const { status, result, failure } = operation;
  if (status === "InProgress") return { status: 202, operation };
  if (failure) throw failure;
  if (result !== undefined) return { status: 200, body: result };
  return { status: operation.polledBy === "Location" ? 200 : 204 };
}
