import { type FastifyReply, type FastifyRequest } from "fastify";
import { type ArmAnswer } from "./dispatcher";
import { filterOf } from "./list-filter";
import { operationUrls } from "./operation-routes";
import { pageOf } from "./paging";
import { type Timing } from "./timing";

export interface Sending {
  /** `https://127.0.0.1:<port>` */
  readonly baseUrl: string;
  readonly subscriptionId: string;
  readonly timing: Timing;
}

/** Sends an answer: a list in pages, and with an operation the URLs that it is watched at. */
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
  if (status === 202) void reply.header("Retry-After", timing.retryAfterSeconds);
  // Source: the REST API's "Check Existence" of resource groups and resources.
  if (request.method === "HEAD" && status === 200) return reply.code(204).send();
  const members = list?.filter(filterOf(url.searchParams.get("$filter")));
  return reply.code(status).send(members ? pageOf(members, url) : body);
}
