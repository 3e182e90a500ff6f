import fastify, { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AddressInfo } from "node:net";
import { LOOPBACK } from "../common/ports";
import { ArmError } from "./arm-error";
import { ArmAnswer, Dispatcher } from "./dispatcher";
import { Call, FaultSwitch, registerFaultRoute } from "./faults";
import { Identity, IdentityOptions } from "./identity";
import { asErrorBody, Operation } from "./operations";
import { ArmPath, parseArmPath } from "./resource-id";
import { ResourceStore } from "./resource-store";
import { ResourceType } from "./resource-type";
import { Timing } from "./timing";

export interface ArmServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** PEM texts. */
  readonly tls: { readonly key: string; readonly cert: string };
  readonly identity: Omit<IdentityOptions, "baseUrl">;
  readonly subscriptionId: string;
  readonly store: ResourceStore;
  readonly types: readonly ResourceType[];
  /** How long operations take. @default as long as their work */
  readonly timing?: Timing;
  /** Takes lines for the log. @default they are dropped */
  readonly say?: (line: string) => void;
}

export interface ArmServer {
  readonly url: string;
  /** Makes requests fail on demand. */
  readonly faults: FaultSwitch;
  close(): Promise<void>;
}

/** How long the status of an operation is held back for its end; saves a client the polling. */
const STATUS_WAIT_MILLISECONDS = 1000;

const RESOURCE_GROUPS = "Microsoft.Resources/resourceGroups";
const OPERATION = "/providers/Local.Azure/operationStatuses/";

/** The Resource Manager's REST API over HTTPS on loopback. */
export async function startArmServer(options: ArmServerOptions): Promise<ArmServer> {
  const { subscriptionId, timing = new Timing() } = options;
  const dispatcher = new Dispatcher(options.types, options.store);
  const faults = new FaultSwitch({
    types: options.types.map(({ type }) => type),
    say: options.say ?? (() => undefined),
  });
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
    if (error instanceof ArmError) {
      const { retryAfterSeconds } = error;
      if (retryAfterSeconds !== undefined) void reply.header("Retry-After", retryAfterSeconds);
      return reply.code(error.status).send(error.body);
    }
    server.log.error(error);
    return reply.code(500).send({ error: asErrorBody(error) });
  });
  identity.register(server);
  registerFaultRoute(server, identity, faults);

  server.route({
    method: ["GET", "HEAD", "PUT", "DELETE", "POST"],
    url: "/subscriptions/*",
    handler: async (request, reply) => {
      identity.authenticate(request);
      const { pathname, apiVersion } = requestTarget(request);
      const respond = (answer: ArmAnswer | undefined) =>
        answer
          ? send(reply, answer, { baseUrl: baseUrl(), subscriptionId, apiVersion, timing })
          : dropConnection(request, reply);
      if (pathname.includes(OPERATION)) {
        const operation = findOperation(dispatcher, pathname);
        const work = () => operationStatus(operation);
        return respond(await faults.aroundPoll(operation, dispatcher.operations, work));
      }
      const path = parseArmPath(pathname);
      if (!path)
        throw new ArmError(404, "InvalidResourcePath", `No resource has the path '${pathname}'.`);
      requireSubscription(path, subscriptionId);
      const work = () => answerTo(dispatcher, request, path, apiVersion);
      return respond(await faults.around(callOf(request, path), dispatcher.operations, work));
    },
  });

  await server.listen({ host: LOOPBACK, port: options.port });
  return { url: baseUrl(), faults, close: () => server.close() };
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

/** How a request looks to the fault switch. */
function callOf({ method }: FastifyRequest, { type, names, tail }: ArmPath): Call {
  const name = names.at(-1) ?? "";
  if (method === "POST") return { method, type: type ?? RESOURCE_GROUPS, name, action: tail };
  if (tail === undefined) return { method, type: type ?? RESOURCE_GROUPS, name };
  return { method, type: type === undefined ? RESOURCE_GROUPS : `${type}/${tail}`, name: "" };
}

interface Sending {
  readonly baseUrl: string;
  readonly subscriptionId: string;
  readonly apiVersion: string;
  readonly timing: Timing;
}

function send(
  reply: FastifyReply,
  { status, body, operation }: ArmAnswer,
  { baseUrl, subscriptionId, apiVersion, timing }: Sending,
): FastifyReply {
  if (operation) {
    const url = `${baseUrl}/subscriptions/${subscriptionId}${OPERATION}${operation.id}?api-version=${apiVersion}`;
    void reply.header("Azure-AsyncOperation", url).header("Location", url);
  }
  if (status === 202) void reply.header("Retry-After", timing.retryAfterSeconds);
  return reply.code(status).send(body);
}

function dropConnection(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.hijack();
  request.raw.socket.destroy();
  return reply;
}

function findOperation({ operations }: Dispatcher, pathname: string): Operation {
  const id = pathname.slice(pathname.lastIndexOf("/") + 1);
  const operation = operations.get(id);
  if (operation) return operation;
  throw new ArmError(404, "OperationNotFound", `The operation '${id}' was not found.`);
}

/** Held back for a while, as the operation may end. */
async function operationStatus(operation: Operation): Promise<ArmAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise((resolve) => (timer = setTimeout(resolve, STATUS_WAIT_MILLISECONDS)));
  await Promise.race([operation.done, waited]);
  clearTimeout(timer);
  const { id, status, startTime, endTime, error } = operation;
  return {
    status: status === "InProgress" ? 202 : 200,
    body: { id, name: id, status, startTime, endTime, error },
  };
}
