import fastify, { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AddressInfo } from "node:net";
import { LOOPBACK } from "../common/ports";
import { ArmError } from "./arm-error";
import { ArmAnswer, Dispatcher } from "./dispatcher";
import { Identity, IdentityOptions } from "./identity";
import { asErrorBody, Operation } from "./operations";
import { ArmPath, parseArmPath } from "./resource-id";
import { ResourceStore } from "./resource-store";
import { ResourceType } from "./resource-type";

export interface ArmServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** PEM texts. */
  readonly tls: { readonly key: string; readonly cert: string };
  readonly identity: Omit<IdentityOptions, "baseUrl">;
  readonly subscriptionId: string;
  readonly store: ResourceStore;
  readonly types: readonly ResourceType[];
}

export interface ArmServer {
  readonly url: string;
  close(): Promise<void>;
}

/** How long the status of an operation is held back for its end; saves a client the polling. */
const STATUS_WAIT_MILLISECONDS = 1000;

const OPERATION = "/providers/Local.Azure/operationStatuses/";

/** The Resource Manager's REST API over HTTPS on loopback. */
export async function startArmServer(options: ArmServerOptions): Promise<ArmServer> {
  const dispatcher = new Dispatcher(options.types, options.store);
  const server = fastify({
    https: options.tls,
    logger: { level: "warn" },
    bodyLimit: 4 * 1024 * 1024,
    // Resource ids differ by letter case only in writing.
    routerOptions: { caseSensitive: false },
    forceCloseConnections: true,
  }) as unknown as FastifyInstance;
  const baseUrl = () => `https://${LOOPBACK}:${(server.server.address() as AddressInfo).port}`;
  const identity = new Identity({ ...options.identity, baseUrl });

  server.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    (_request, body, done) => done(null, body),
  );
  // A POST action without a body may still be called application/json.
  server.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => {
    try {
      done(null, body === "" ? undefined : JSON.parse(body as string));
    } catch {
      done(new ArmError(400, "InvalidRequestContent", "The request content is not valid JSON."));
    }
  });
  server.setErrorHandler((error, _request, reply) => {
    if (error instanceof ArmError) return reply.code(error.status).send(error.body);
    server.log.error(error);
    return reply.code(500).send({ error: asErrorBody(error) });
  });
  identity.register(server);

  server.route({
    method: ["GET", "HEAD", "PUT", "DELETE", "POST"],
    url: "/subscriptions/*",
    handler: async (request, reply) => {
      identity.authenticate(request);
      const { pathname, apiVersion } = requestTarget(request);
      if (pathname.includes(OPERATION)) {
        return operationStatus(dispatcher, pathname, reply);
      }
      const path = parseArmPath(pathname);
      if (!path)
        throw new ArmError(404, "InvalidResourcePath", `No resource has the path '${pathname}'.`);
      requireSubscription(path, options.subscriptionId);
      const answer = await answerTo(dispatcher, request, path, apiVersion);
      return send(reply, answer, baseUrl(), path.subscriptionId, apiVersion);
    },
  });

  await server.listen({ host: LOOPBACK, port: options.port });
  return { url: baseUrl(), close: () => server.close() };
}

function requestTarget(request: FastifyRequest): { pathname: string; apiVersion: string } {
  const url = new URL(request.url, "https://arm");
  const apiVersion = url.searchParams.get("api-version");
  if (!apiVersion) {
    throw new ArmError(
      400,
      "MissingApiVersionParameter",
      "The api-version query parameter (?api-version=) is required for all requests.",
    );
  }
  return { pathname: decodeURIComponent(url.pathname), apiVersion };
}

function requireSubscription(path: ArmPath, subscriptionId: string): void {
  if (path.subscriptionId.toLowerCase() !== subscriptionId.toLowerCase()) {
    throw new ArmError(
      404,
      "SubscriptionNotFound",
      `The subscription '${path.subscriptionId}' could not be found.`,
    );
  }
}

function answerTo(
  dispatcher: Dispatcher,
  request: FastifyRequest,
  path: ArmPath,
  apiVersion: string,
): Promise<ArmAnswer> {
  switch (request.method) {
    case "PUT":
      return dispatcher.put(path, apiVersion, request.body);
    case "DELETE":
      return dispatcher.delete(path, apiVersion);
    case "POST":
      return dispatcher.post(path, apiVersion, request.body);
    default:
      return dispatcher.get(path, apiVersion);
  }
}

function send(
  reply: FastifyReply,
  { status, body, operation }: ArmAnswer,
  baseUrl: string,
  subscriptionId: string,
  apiVersion: string,
): FastifyReply {
  if (operation) {
    const url = `${baseUrl}/subscriptions/${subscriptionId}${OPERATION}${operation.id}?api-version=${apiVersion}`;
    void reply
      .header("Azure-AsyncOperation", url)
      .header("Location", url)
      .header("Retry-After", "0");
  }
  return reply.code(status).send(body);
}

async function operationStatus(
  dispatcher: Dispatcher,
  pathname: string,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const id = pathname.slice(pathname.lastIndexOf("/") + 1);
  const operation = dispatcher.operations.get(id);
  if (!operation) {
    throw new ArmError(404, "OperationNotFound", `The operation '${id}' was not found.`);
  }
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise((resolve) => (timer = setTimeout(resolve, STATUS_WAIT_MILLISECONDS)));
  await Promise.race([operation.done, waited]);
  clearTimeout(timer);
  return reply.code(operation.status === "InProgress" ? 202 : 200).send(statusBody(operation));
}

function statusBody({ id, status, startTime, endTime, error }: Operation) {
  return { id, name: id, status, startTime, endTime, error };
}
