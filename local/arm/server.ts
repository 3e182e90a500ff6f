import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { parse, type ParseError, printParseErrorCode } from "jsonc-parser";
import * as crypto from "node:crypto";
import { type AddressInfo } from "node:net";
import { type Notify } from "../../common/notify";
import { LOOPBACK } from "../../common/ports";
import { AccessControl } from "./access-control";
import { type ArmAnswer, operationPoll, send } from "./arm-answer";
import { ArmError, invalidPath } from "./arm-error";
import {
  type PassDays,
  registerFaultRoute,
  registerPassDaysRoute,
  registerRestartRoute,
  type Restarts,
} from "./control-routes";
import { Dispatcher } from "./dispatcher";
import { type Call, FaultSwitch } from "./faults/fault-switch";
import { Identity, type IdentityOptions } from "./identity";
import { type ManagerRequest, type ManagerRoute, managerRoutes } from "./manager-routes";
import { asErrorBody } from "./operations";
import { type ArmPath, parseArmPath } from "./resource-id";
import { type ResourceStore } from "./resource-store";
import { type ResourceType } from "./resource-type";
import { RESOURCE_GROUPS } from "./resource-type-names";
import { Timing } from "./timing";
import { requireApiVersion, SEE_COVERAGE } from "./type-catalogue";

export interface ArmServerOptions {
  /** 0 chooses a free one. */
  readonly port: number;
  /** PEM texts. */
  readonly tls: { readonly key: string; readonly cert: string };
  readonly identity: Omit<IdentityOptions, "baseUrl" | "isPrincipal">;
  readonly subscriptionId: string;
  readonly store: ResourceStore;
  readonly types: readonly ResourceType[];
  /** How long operations take. @default as long as their work */
  readonly timing?: Timing;
  /** For `POST /local-azure/restart/{part}`. @default none */
  readonly restarts?: Restarts;
  /** For `POST /local-azure/pass-days/{days}`. @default does nothing */
  readonly passDays?: PassDays;
  /** Called with lines for the log. @default none */
  readonly notify?: Notify;
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
  dispatcher.resumeDeletions();
  const faults = new FaultSwitch({
    types: options.types.map(({ type }) => type),
    notify: options.notify ?? (() => undefined),
  });
  const server = fastify({
    https: options.tls,
    logger: { level: "warn" },
    bodyLimit: 4 * 1024 * 1024,
    // Resource ids are case-insensitive.
    routerOptions: { caseSensitive: false },
    // Microsoft's clients put a second slash before an id.
    rewriteUrl: ({ url = "/" }) => url.replace(/^\/+/, "/"),
    forceCloseConnections: true,
  }) as unknown as FastifyInstance;
  const baseUrl = () => `https://${LOOPBACK}:${(server.server.address() as AddressInfo).port}`;
  const access = new AccessControl(options.store, timing);
  const isPrincipal = (clientId: string) => access.isPrincipal(clientId);
  const identity = new Identity({ ...options.identity, baseUrl, isPrincipal });

  server.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    (_request, body, done) => done(null, body),
  );
  // Clients declare application/json also for a POST without a body.
  server.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => {
    try {
      done(null, body === "" ? undefined : JSON.parse(body as string));
    } catch {
      done(invalidJson(body as string));
    }
  });
  server.addHook("onRequest", async (request, reply) => {
    // Microsoft's clients show these ids in their errors.
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
  registerRestartRoute(server, identity, options.restarts ?? {});
  registerPassDaysRoute(server, identity, options.passDays ?? (async () => []));

  const sending = () => ({ baseUrl: baseUrl(), subscriptionId, timing });

  for (const route of managerRoutes(options.types)) {
    server.route({
      method: route.method,
      url: route.url,
      onRequest: async (request) => void identity.authenticate(request),
      handler: async (request, reply) => {
        const principal = identity.authenticate(request);
        const { apiVersion, pathname } = targetOf(request);
        access.require(principal, managerAction(route, pathname), pathname);
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
    onRequest: async (request) => void identity.authenticate(request),
    handler: async (request, reply) => {
      const principal = identity.authenticate(request);
      const { pathname, apiVersion } = targetOf(request);
      const respond = (answer: ArmAnswer | undefined) =>
        answer ? send(request, reply, answer, sending()) : dropConnection(request, reply);
      const poll = operationPoll(dispatcher.operations, pathname);
      if (poll) {
        return respond(
          await faults.aroundPoll(poll.operation, dispatcher.operations, () => poll.answer()),
        );
      }
      const path = parseArmPath(pathname);
      if (!path) throw invalidPath(pathname);
      requireSubscription(path.subscriptionId, subscriptionId);
      const call = callOf(request, path);
      access.require(principal, actionOf(call), path.id);
      const work = () => answerTo(dispatcher, request, path, apiVersion);
      return respond(await faults.around(call, dispatcher.operations, work));
    },
  });

  await server.listen({ host: LOOPBACK, port: options.port });
  return { url: baseUrl(), faults, close: () => server.close() };
}

/** The path and api-version of a request. @throws ArmError 400 without an api-version */
function targetOf(request: FastifyRequest): { pathname: string; apiVersion: string } {
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

/** @throws ArmError 404 SubscriptionNotFound for any subscription except local Azure's only one */
function requireSubscription(requested: string, subscriptionId: string): void {
  if (requested.toLowerCase() === subscriptionId.toLowerCase()) return;
  throw new ArmError(
    404,
    "SubscriptionNotFound",
    `The subscription '${requested}' could not be found.`,
  );
}

/** Names the place of the first problem. */
function invalidJson(text: string): ArmError {
  const errors: ParseError[] = [];
  parse(text, errors, { disallowComments: true });
  const [problem] = errors;
  const lines = text.slice(0, problem?.offset).split("\n");
  const place = `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
  const what = problem ? printParseErrorCode(problem.error) : "InvalidCharacter";
  return new ArmError(
    400,
    "InvalidRequestContent",
    `The request content is not valid JSON: ${what} at ${place}.`,
  );
}

function answerTo(
  dispatcher: Dispatcher,
  request: FastifyRequest,
  path: ArmPath,
  apiVersion: string,
): Promise<ArmAnswer> {
  const ifMatch = request.headers["if-match"];
  switch (request.method) {
    case "PUT":
      return dispatcher.put(path, apiVersion, request.body, ifMatch);
    case "PATCH":
      return dispatcher.patch(path, apiVersion, request.body);
    case "DELETE":
      return dispatcher.delete(path, apiVersion, ifMatch);
    case "POST":
      return dispatcher.post(path, apiVersion, request.body, ifMatch);
    default:
      return dispatcher.get(path, apiVersion);
  }
}

/** What the fault switch compares of a request. */
function callOf({ method }: FastifyRequest, { type, names, tail }: ArmPath): Call {
  const name = names.at(-1) ?? "";
  if (method === "POST") return { method, type: type ?? RESOURCE_GROUPS, name, action: tail };
  if (tail === undefined) return { method, type: type ?? RESOURCE_GROUPS, name };
  return { method, type: type === undefined ? RESOURCE_GROUPS : `${type}/${tail}`, name: "" };
}

const ACTIONS: Readonly<Record<string, string>> = {
  PUT: "write",
  PATCH: "write",
  DELETE: "delete",
};

/** Azure's name of what a request does, such as `Microsoft.Storage/storageAccounts/listKeys/action`. */
function actionOf({ method, type, action }: Call): string {
  const resource =
    type === RESOURCE_GROUPS ? "Microsoft.Resources/subscriptions/resourceGroups" : type;
  return action === undefined
    ? `${resource}/${ACTIONS[method] ?? "read"}`
    : `${resource}/${action}/action`;
}

function managerAction({ url }: ManagerRoute, pathname: string): string {
  const [, namespace = ""] = /\/providers\/([^/]+)\/register$/i.exec(pathname) ?? [];
  return url.endsWith("/register")
    ? `${namespace}/register/action`
    : "Microsoft.Resources/subscriptions/read";
}

function dropConnection(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.hijack();
  request.raw.socket.destroy();
  return reply;
}
