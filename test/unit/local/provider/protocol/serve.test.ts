import * as grpc from "@grpc/grpc-js";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import {
  diffInputs,
  PartialFailure,
  secret,
  startProvider,
  UNKNOWN,
  type CreateRequest,
  type ProviderDefinition,
  type ResourceHandler,
  type RunningProvider,
} from "../../../../../local/provider/protocol";

/** The encoding of secrets, from sdk/go/common/resource/sig/sig.go. */
const wireSecret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

const struct = (values: Record<string, unknown>) =>
  Struct.fromJavaScript(values as Record<string, JavaScriptValue>);

type Method<Request, Response> = (
  request: Request,
  callback: (error: grpc.ServiceError | null, response: Response) => void,
) => grpc.ClientUnaryCall;

describe("a provider served over gRPC", () => {
  let provider: RunningProvider;
  let client: ResourceProviderClient;
  let created: CreateRequest | undefined;
  let create: ResourceHandler["create"];

  const handler: ResourceHandler = {
    check: async ({ news }) =>
      "size" in news
        ? { inputs: { ...news, mode: "auto" } }
        : { inputs: news, failures: [{ property: "size", reason: "missing" }] },
    diff: async ({ oldInputs, news }) => ({
      changes: diffInputs(oldInputs, news, { replaceOn: ["place"] }),
    }),
    create: (request) => {
      created = request;
      return create(request);
    },
    read: async ({ id }) => (id === "gone" ? undefined : { id, inputs: {}, outputs: {} }),
    delete: async () => undefined,
  };
  const definition: ProviderDefinition = {
    name: "toy",
    version: "1.2.3",
    supportsPreview: true,
    configure: async ({ fail }) => {
      if (fail) throw new Error(`fail is ${fail}`);
    },
    resources: (type) => (type === "toy:index:Thing" ? handler : undefined),
    invokes: (token) =>
      token === "toy:index:double" ? async ({ n }) => ({ n: 2 * Number(n) }) : undefined,
  };

  function call<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      method.call(client, request, (error: grpc.ServiceError | null, response: Response) =>
        error ? reject(error) : resolve(response),
      );
    });
  }
  const callCreate = (properties: Record<string, unknown>, timeout = 0) =>
    call<rpc.CreateRequest, rpc.CreateResponse>(
      (request, callback) => client.create(request, callback),
      new rpc.CreateRequest()
        .setType("toy:index:Thing")
        .setUrn("urn:pulumi:s::p::toy:index:Thing::a")
        .setName("a")
        .setTimeout(timeout)
        .setProperties(struct(properties)),
    );

  beforeEach(async () => {
    created = undefined;
    create = async ({ inputs }) => ({ id: "id-1", outputs: inputs });
    provider = await startProvider(definition);
    client = new ResourceProviderClient(
      `127.0.0.1:${provider.port}`,
      grpc.credentials.createInsecure(),
    );
  });
  afterEach(() => {
    client.close();
    provider.close();
  });

  test("handlers see plain values, and outputs named like secret inputs become secret again", async () => {
    const response = await callCreate({
      user: "me",
      login: { name: "me", password: wireSecret("s3cret") },
      keys: [wireSecret("k")],
    });
    expect(created).toMatchObject({
      name: "a",
      inputs: { user: "me", login: { name: "me", password: "s3cret" }, keys: ["k"] },
      secretInputs: new Set(["login", "keys"]),
    });
    expect(response.getId()).toBe("id-1");
    expect(response.getProperties()?.toJavaScript()).toEqual({
      user: "me",
      login: { name: "me", password: wireSecret("s3cret") },
      keys: wireSecret(["k"]),
    });
  });

  test("an output can be marked secret, and undefined outputs are omitted", async () => {
    create = async () => ({ id: "x", outputs: { key: secret("k"), none: undefined, zero: null } });
    expect((await callCreate({ key: wireSecret("k") })).getProperties()?.toJavaScript()).toEqual({
      key: wireSecret("k"),
      zero: null,
    });
  });

  test("unknowns of every type arrive as UNKNOWN", async () => {
    await callCreate({ count: "3eeb2bf0-c639-47a8-9e75-3b44932eb421" });
    expect(created?.inputs.count).toBe(UNKNOWN);
  });

  test("a failing step returns its message without a stack", async () => {
    create = () => Promise.reject(new Error("the place is taken"));
    await expect(callCreate({})).rejects.toMatchObject({ details: "the place is taken" });
  });

  test("a partial failure returns the state to record, with marked secrets", async () => {
    create = () => Promise.reject(new PartialFailure("half", { login: "x" }, ["no answer"]));
    const error = (await callCreate({ login: wireSecret("x") }).catch(
      (e: unknown) => e,
    )) as grpc.ServiceError;
    const status = Status.deserializeBinary(
      error.metadata.get("grpc-status-details-bin")[0] as Buffer,
    );
    const detail = status
      .getDetailsList()[0]
      ?.unpack<rpc.ErrorResourceInitFailed>(
        (bytes) => rpc.ErrorResourceInitFailed.deserializeBinary(bytes),
        "pulumirpc.ErrorResourceInitFailed",
      );
    expect(detail?.getId()).toBe("half");
    expect(detail?.getReasonsList()).toEqual(["no answer"]);
    expect(detail?.getProperties()?.toJavaScript()).toEqual({ login: wireSecret("x") });
    expect(detail?.getInputs()?.toJavaScript()).toEqual({ login: wireSecret("x") });
  });

  test("Cancel aborts running requests", async () => {
    const started = new Promise<void>((resolve) => {
      create = ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error));
          resolve();
        });
    });
    const creation = callCreate({});
    const outcome = expect(creation).rejects.toMatchObject({ details: "cancelled" });
    await started;
    await call<Empty, Empty>((request, callback) => client.cancel(request, callback), new Empty());
    await outcome;
  });

  test("log messages arrive at the engine before the step's response", async () => {
    const lines: string[] = [];
    const engine = new grpc.Server();
    engine.addService(EngineService, {
      log: (
        { request }: grpc.ServerUnaryCall<LogRequest, Empty>,
        callback: grpc.sendUnaryData<Empty>,
      ) => {
        const kind = request.getEphemeral() ? "ephemeral" : "permanent";
        lines.push(`${request.getUrn().split("::").pop()}: ${request.getMessage()}, ${kind}`);
        callback(null, new Empty());
      },
    });
    const port = await new Promise<number>((resolve, reject) =>
      engine.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    const logging = await startProvider(definition, `127.0.0.1:${port}`);
    client.close();
    client = new ResourceProviderClient(
      `127.0.0.1:${logging.port}`,
      grpc.credentials.createInsecure(),
    );
    create = async ({ log }) => {
      log.warn("one");
      log.status("two");
      return { id: "x", outputs: {} };
    };
    await callCreate({});
    expect(lines).toEqual(["a: one, permanent", "a: two, ephemeral"]);
    logging.close();
    engine.forceShutdown();
  });

  test("Check fills in defaults and reports failures by property", async () => {
    const check = (news: Record<string, unknown>) =>
      call<rpc.CheckRequest, rpc.CheckResponse>(
        (request, callback) => client.check(request, callback),
        new rpc.CheckRequest().setType("toy:index:Thing").setNews(struct(news)),
      );
    expect((await check({ size: wireSecret(1) })).getInputs()?.toJavaScript()).toEqual({
      size: wireSecret(1),
      mode: "auto",
    });
    expect((await check({})).toObject().failuresList).toEqual([
      { property: "size", reason: "missing" },
    ]);
  });

  test("Diff returns the changes by property", async () => {
    const diff = (olds: Record<string, unknown>, news: Record<string, unknown>) =>
      call<rpc.DiffRequest, rpc.DiffResponse>(
        (request, callback) => client.diff(request, callback),
        new rpc.DiffRequest()
          .setType("toy:index:Thing")
          .setOldInputs(struct(olds))
          .setNews(struct(news)),
      );
    const changed = await diff({ place: "here", tags: { a: 1 } }, { place: "there", tags: {} });
    expect(changed.getChanges()).toBe(rpc.DiffResponse.DiffChanges.DIFF_SOME);
    expect(changed.getReplacesList()).toEqual(["place"]);
    expect(changed.getDiffsList()).toEqual(["place", "tags"]);
    const { UPDATE_REPLACE, DELETE } = rpc.PropertyDiff.Kind;
    expect(changed.getDetaileddiffMap().get("place")?.getKind()).toBe(UPDATE_REPLACE);
    expect(changed.getDetaileddiffMap().get("tags.a")?.getKind()).toBe(DELETE);
    const same = await diff({ place: wireSecret("here") }, { place: "here" });
    expect(same.getChanges()).toBe(rpc.DiffResponse.DiffChanges.DIFF_NONE);
  });

  test("Read of a missing resource returns an empty id", async () => {
    const read = (id: string) =>
      call<rpc.ReadRequest, rpc.ReadResponse>(
        (request, callback) => client.read(request, callback),
        new rpc.ReadRequest().setType("toy:index:Thing").setId(id),
      );
    expect((await read("gone")).getId()).toBe("");
    expect((await read("here")).getId()).toBe("here");
  });

  test("Invoke calls functions; an unsupported one is named in the error", async () => {
    const invoke = (token: string) =>
      call<rpc.InvokeRequest, rpc.InvokeResponse>(
        (request, callback) => client.invoke(request, callback),
        new rpc.InvokeRequest().setTok(token).setArgs(struct({ n: 21 })),
      );
    expect((await invoke("toy:index:double")).getReturn()?.toJavaScript()).toEqual({ n: 42 });
    await expect(invoke("toy:index:halve")).rejects.toMatchObject({
      details: expect.stringContaining('function "toy:index:halve"') as string,
    });
    await expect(
      call<rpc.CreateRequest, rpc.CreateResponse>(
        (request, callback) => client.create(request, callback),
        new rpc.CreateRequest().setType("toy:index:Other"),
      ),
    ).rejects.toMatchObject({ details: expect.stringContaining('"toy:index:Other"') as string });
  });

  test("Configure passes the variables on without their prefix, and fails with the provider's message", async () => {
    const request = new rpc.ConfigureRequest();
    request.getVariablesMap().set("toy:config:fail", "yes");
    const configure = call<rpc.ConfigureRequest, rpc.ConfigureResponse>(
      (message, callback) => client.configure(message, callback),
      request,
    );
    await expect(configure).rejects.toMatchObject({ details: "fail is yes" });
  });
});
