import { type FastifyReply, type FastifyRequest } from "fastify";
import { ArmError } from "./arm-error";
import { filterOf, type Listed } from "./list-filter";
import { type Operation, type Operations } from "./operations";
import { pageOf } from "./paging";
import { type Timing } from "./timing";

/** A response of the API. */
export interface ArmAnswer {
  readonly status: number;
  readonly body?: unknown;
  /** Instead of a body: the members of a list, which are sent in pages. */
  readonly list?: readonly Listed[];
  /** The work that continues after the response. */
  readonly operation?: Operation;
}

export interface Sending {
  /** `https://127.0.0.1:<port>` */
  readonly baseUrl: string;
  readonly subscriptionId: string;
  readonly timing: Timing;
}

/** Sends a response: a list in pages, and an operation with the URLs at which it can be polled. */
export function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, body, list, operation }: ArmAnswer,
  { baseUrl, subscriptionId, timing }: Sending,
): FastifyReply {
  const url = new URL(request.url, baseUrl);
  if (operation) {
    const apiVersion = url.searchParams.get("api-version") ?? "";
    void reply.headers(operationUrls(baseUrl, subscriptionId, operation, apiVersion));
  }
  if (operation ?? status === 202) void reply.header("Retry-After", timing.retryAfterSeconds);
  // Source: the REST API's "Check Existence" of resource groups and resources.
  if (request.method === "HEAD" && status === 200) return reply.code(204).send();
  const members = list?.filter(filterOf(url.searchParams.get("$filter")));
  return reply.code(status).send(members ? pageOf(members, url) : body);
}

/** How long a poll waits for the operation to end before it reports InProgress; saves requests. */
const STATUS_WAIT_MILLISECONDS = 1000;

const OPERATION_PATH =
  /^\/subscriptions\/[^/]+\/providers\/Local\.Azure\/(operationStatuses|operationResults)\/([^/]+)$/i;

/** Headers of the response that starts an operation: the URLs at which it can be polled. */
function operationUrls(
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

/** A poll of an operation: of its status or of its result. */
export interface OperationPoll {
  readonly operation: Operation;
  answer(): Promise<ArmAnswer>;
}

/**
 * The poll that a path asks for; undefined for any other path.
 * Source: Azure Resource Manager, "Track asynchronous Azure operations".
 * @throws ArmError 404 if the operation doesn't exist
 */
export function operationPoll(operations: Operations, pathname: string): OperationPoll | undefined {
  const [, view, id = ""] = OPERATION_PATH.exec(pathname) ?? [];
  if (view === undefined) return undefined;
  const operation = operations.get(id);
  if (!operation) {
    throw new ArmError(404, "OperationNotFound", `The operation '${id}' was not found.`);
  }
  const show = view.toLowerCase() === "operationstatuses" ? statusOf : resultOf;
  return { operation, answer: () => untilItEnds(operation).then(() => show(operation)) };
}

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
