import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { type AddressInfo } from "node:net";
import { LOOPBACK } from "../../common/ports";
import { ArmError, invalidPath } from "./arm-error";
import { type ArmAnswer, Dispatcher } from "./dispatcher";
import { type Call, FaultSwitch, registerFaultRoute } from "./faults";
import { Identity, type IdentityOptions } from "./identity";
import { type ManagerRequest, managerRoutes } from "./manager-routes";
import { operationAt } from "./operation-routes";
import { asErrorBody } from "./operations";
import { requireSubscription, targetOf } from "./request-target";
import { type ArmPath, parseArmPath } from "./resource-id";
import { type ResourceStore } from "./resource-store";
import { type ResourceType } from "./resource-type";
import { send } from "./send";
import { Timing } from "./timing";
import { requireApiVersion } from "./type-catalogue";
import { RESOURCE_GROUPS, SEE_COVERAGE } from "./verbs";

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

/** The Resource Manager's REST API over HTTPS on loopback. */
export async function startArmServer(options: ArmServerOptions): Promise<ArmServer> {
  const { subscriptionId, timing = new Timing() } = options;
  const dispatcher = new Dispatcher(options.types, options.store, timing);
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
    // Microsoft's clients set a slash before an id that has its own.
    rewriteUrl: ({ url = "/" }) => url.replace(/^\/+/, "/"),
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
  server.addHook("onRequest", async (request, reply) => {
    // Microsoft's clients show these in their errors.
    const { "x-ms-correlation-request-id": given } = request.headers;
    const id = crypto.randomUUID();
    void reply.headers({ "x-ms-request-id": id, "x-ms-correlation-request-id": given ?? id });
  });
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?")[0];
    const message = `Local Azure has no ${request.method} of '${path}'. ${SEE_COVERAGE}`;
    return reply.code(404).send(new ArmError(404, "NotFound", message).body);
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

  const sending = () => ({ baseUrl: baseUrl(), subscriptionId, timing });

  for (const route of managerRoutes(options.types)) {
    server.route({
      method: route.method,
      url: route.url,
      onRequest: async (request) => identity.authenticate(request),
      handler: async (request, reply) => {
        const { apiVersion } = targetOf(request);
        const params = request.params as ManagerRequest["params"];
        requireSubscription(params.subscriptionId ?? subscriptionId, subscriptionId);
        requireApiVersion(route.apiVersions, apiVersion, `'${route.url}'`);
        const { tenantId } = options.identity;
        const { body } = request;
        const answer = await route.answer({ tenantId, subscriptionId, params, body, dispatcher });
        return send(request, reply, answer, sending());
      },
    });
  }

  server.route({
    method: ["GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"],
    url: "/subscriptions/*",
    onRequest: async (request) => identity.authenticate(request),
    handler: async (request, reply) => {
      const { pathname, apiVersion } = targetOf(request);
      const respond = (answer: ArmAnswer | undefined) =>
        answer ? send(request, reply, answer, sending()) : dropConnection(request, reply);
      const look = operationAt(dispatcher.operations, pathname);
      if (look) {
        return respond(
          await faults.aroundPoll(look.operation, dispatcher.operations, () => look.answer()),
        );
      }
      const path = parseArmPath(pathname);
      if (!path) throw invalidPath(pathname);
      requireSubscription(path.subscriptionId, subscriptionId);
      const work = () => answerTo(dispatcher, request, path, apiVersion);
      return respond(await faults.around(callOf(request, path), dispatcher.operations, work));
    },
  });

  await server.listen({ host: LOOPBACK, port: options.port });
  return { url: baseUrl(), faults, close: () => server.close() };
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
    case "PATCH":
      return dispatcher.patch(path, apiVersion, request.body);
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

function dropConnection(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.hijack();
  request.raw.socket.destroy();
  return reply;
}
