import type * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { diffInputs, diffResponse } from "./diff";
import type { EngineConnection } from "./engine-log";
import type { Cancellable, ProviderDefinition, ResourceHandler, ResourceRequest } from "./types";
import { toServiceError, unary, type FailureContext } from "./unary";
import { decode, encode, secretNames, type Decoded } from "./values";

/** A request about one resource. */
interface AboutResource {
  getUrn(): string;
  getType(): string;
  getName(): string;
}

/**
 * Serves a provider definition as `pulumirpc.ResourceProvider`. The other methods (Handshake, Construct, Call,
 * Parameterize, GetMapping) return "unimplemented", which the engine accepts.
 */
export class ProviderServicer {
  private readonly cancelled = new AbortController();

  constructor(
    private readonly definition: ProviderDefinition,
    private readonly engine: EngineConnection,
  ) {}

  /** Aborts all running requests. */
  cancel(): void {
    this.cancelled.abort(new Error("cancelled"));
  }

  implementation(): grpc.UntypedServiceImplementation {
    return {
      attach: unary(async (request: plugin.PluginAttach) => {
        this.engine.connect(request.getAddress());
        return new Empty();
      }),
      cancel: unary(async () => {
        this.cancel();
        return new Empty();
      }),
      getPluginInfo: unary(async () => new plugin.PluginInfo().setVersion(this.definition.version)),
      getSchema: unary(async () => new rpc.GetSchemaResponse().setSchema(this.emptySchema())),
      checkConfig: unary(async (request: rpc.CheckRequest) =>
        new rpc.CheckResponse().setInputs(request.getNews()),
      ),
      diffConfig: unary(async (request: rpc.DiffRequest) => {
        const changes = diffInputs(
          decode(request.getOldInputs()).values,
          decode(request.getNews()).values,
        );
        return diffResponse({ changes });
      }),
      configure: unary((request: rpc.ConfigureRequest) => this.configure(request)),
      invoke: unary((request: rpc.InvokeRequest) => this.invoke(request)),
      check: unary((request: rpc.CheckRequest) => this.check(request)),
      diff: unary((request: rpc.DiffRequest) => this.diff(request)),
      create: unary((request: rpc.CreateRequest) => this.create(request)),
      read: unary((request: rpc.ReadRequest) => this.read(request)),
      update: unary((request: rpc.UpdateRequest) => this.update(request)),
      delete: unary((request: rpc.DeleteRequest) => this.delete(request)),
    };
  }

  private emptySchema(): string {
    const { name, version } = this.definition;
    return JSON.stringify({ name, version });
  }

  private async configure(request: rpc.ConfigureRequest): Promise<rpc.ConfigureResponse> {
    const prefix = `${this.definition.name}:config:`;
    const variables = request
      .getVariablesMap()
      .toArray()
      .map(([key, value]) => [key.startsWith(prefix) ? key.slice(prefix.length) : key, value]);
    await this.definition.configure?.(Object.fromEntries(variables) as Record<string, string>);
    // Secrets are accepted, to mark the outputs again; references and output values arrive as plain values.
    return new rpc.ConfigureResponse()
      .setAcceptsecrets(true)
      .setSupportspreview(this.definition.supportsPreview);
  }

  private async invoke(request: rpc.InvokeRequest): Promise<rpc.InvokeResponse> {
    const invoke = this.definition.invokes(request.getTok());
    if (invoke === undefined) throw this.unsupported("function", request.getTok());
    const result = await invoke(decode(request.getArgs()).values);
    return new rpc.InvokeResponse().setReturn(encode(result));
  }

  private async check(request: rpc.CheckRequest): Promise<rpc.CheckResponse> {
    const handler = this.handler(request);
    const news = decode(request.getNews());
    const { inputs, failures = [] } = (await handler.check?.({
      ...this.about(request),
      olds: decode(request.getOlds()).values,
      news: news.values,
      randomSeed: request.getRandomseed_asU8(),
    })) ?? { inputs: news.values };
    return new rpc.CheckResponse()
      .setInputs(encode(inputs, news.secrecy))
      .setFailuresList(
        failures.map(({ property, reason }) =>
          new rpc.CheckFailure().setProperty(property).setReason(reason),
        ),
      );
  }

  private async diff(request: rpc.DiffRequest): Promise<rpc.DiffResponse> {
    const result = await this.handler(request).diff({
      ...this.about(request),
      id: request.getId(),
      oldInputs: decode(request.getOldInputs()).values,
      olds: decode(request.getOlds()).values,
      news: decode(request.getNews()).values,
      ignoreChanges: request.getIgnorechangesList(),
    });
    return diffResponse(result);
  }

  private async create(request: rpc.CreateRequest): Promise<rpc.CreateResponse> {
    const handler = this.handler(request);
    const inputs = decode(request.getProperties());
    const { id, outputs } = await this.keepingState(inputs, () =>
      handler.create({
        ...this.about(request),
        ...this.cancellable(request.getTimeout()),
        inputs: inputs.values,
        secretInputs: secretNames(inputs.secrecy),
        preview: request.getPreview(),
      }),
    );
    return new rpc.CreateResponse().setId(id).setProperties(encode(outputs, inputs.secrecy));
  }

  private async read(request: rpc.ReadRequest): Promise<rpc.ReadResponse> {
    const handler = this.handler(request);
    const [inputs, state] = [decode(request.getInputs()), decode(request.getProperties())];
    if (handler.read === undefined) {
      if (!request.hasProperties()) throw this.unsupported("import of", request.getType());
      return new rpc.ReadResponse()
        .setId(request.getId())
        .setInputs(request.getInputs())
        .setProperties(request.getProperties());
    }
    const result = await handler.read({
      ...this.about(request),
      ...this.cancellable(0),
      id: request.getId(),
      inputs: request.hasInputs() ? inputs.values : undefined,
      state: request.hasProperties() ? state.values : undefined,
    });
    // An empty id means that the resource doesn't exist.
    if (result === undefined) return new rpc.ReadResponse();
    return new rpc.ReadResponse()
      .setId(result.id)
      .setInputs(encode(result.inputs, inputs.secrecy))
      .setProperties(encode(result.outputs, state.secrecy));
  }

  private async update(request: rpc.UpdateRequest): Promise<rpc.UpdateResponse> {
    const handler = this.handler(request);
    const news = decode(request.getNews());
    const outputs = await this.keepingState(news, async () => {
      if (handler.update === undefined) throw this.unsupported("update of", request.getType());
      return handler.update({
        ...this.about(request),
        ...this.cancellable(request.getTimeout()),
        id: request.getId(),
        oldInputs: decode(request.getOldInputs()).values,
        olds: decode(request.getOlds()).values,
        news: news.values,
        secretInputs: secretNames(news.secrecy),
        preview: request.getPreview(),
      });
    });
    return new rpc.UpdateResponse().setProperties(encode(outputs, news.secrecy));
  }

  private async delete(request: rpc.DeleteRequest): Promise<Empty> {
    await this.handler(request).delete({
      ...this.about(request),
      ...this.cancellable(request.getTimeout()),
      id: request.getId(),
      inputs: decode(request.getOldInputs()).values,
      state: decode(request.getProperties()).values,
    });
    await this.engine.flush();
    return new Empty();
  }

  /** Runs a step. Its log lines arrive before its response, and a partial failure keeps the request's secrets secret. */
  private async keepingState<T>(inputs: Decoded, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      const context: FailureContext = { inputs: inputs.values, secrecy: inputs.secrecy };
      throw toServiceError(error, context);
    } finally {
      await this.engine.flush();
    }
  }

  private handler(request: AboutResource): ResourceHandler {
    const handler = this.definition.resources(request.getType());
    if (handler === undefined) throw this.unsupported("resource type", request.getType());
    return handler;
  }

  private unsupported(what: string, token: string): Error {
    const { name, version } = this.definition;
    return new Error(
      `${what} "${token}" is not in the local ${name} provider ${version}, which has only the part that the lab uses`,
    );
  }

  private about(request: AboutResource): ResourceRequest {
    const urn = request.getUrn();
    return {
      urn,
      type: request.getType(),
      name: request.getName(),
      log: this.engine.forResource(urn),
    };
  }

  private cancellable(timeoutSeconds: number): Cancellable {
    const signals = [this.cancelled.signal];
    if (timeoutSeconds > 0) signals.push(AbortSignal.timeout(timeoutSeconds * 1000));
    return { timeoutSeconds, signal: AbortSignal.any(signals) };
  }
}
