import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/analyzer_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { type ChildProcess, spawn } from "node:child_process";
import * as path from "node:path";
import * as readline from "node:readline";
import { PROJECT_ROOT } from "../../../local/paths";
import { plainEnv } from "../../support/plain-env";
import { type Registration } from "./recorder";

type Values = Record<string, unknown>;

/** Levels and settings of rules by their names, as in a file for --policy-pack-config. */
export type PackConfig = Readonly<
  Record<
    string,
    { readonly enforcementLevel?: "mandatory" | "disabled"; readonly [key: string]: unknown }
  >
>;

const LEVELS = {
  mandatory: rpc.EnforcementLevel.MANDATORY,
  disabled: rpc.EnforcementLevel.DISABLED,
} as const;

/** A resource as the engine passes it to a pack. */
export interface CheckedResource {
  readonly type: string;
  readonly name: string;
  /** As on the wire: with marked secrets and unknown values. */
  readonly inputs: Values;
  /** URNs of the resources that an input comes from. */
  readonly inputDependencies: Readonly<Record<string, readonly string[]>>;
}

/** A secret on the wire. */
export const secret = (value: unknown): Values => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

export function checkedResource({ type, name, request }: Registration): CheckedResource {
  const dependencies = request.getPropertydependenciesMap().toArray() as unknown as [
    string,
    [string[]],
  ][];
  return {
    type,
    name,
    inputs: request.getObject()?.toJavaScript() ?? {},
    inputDependencies: Object.fromEntries(
      dependencies.map(([input, [urns]]) => [input, urns.map(sameUrn)]),
    ),
  };
}

const urnOf = (type: string, name: string) => `urn:pulumi:dev::pg-audit-lab::${type}::${name}`;

/** Without the parents' types. */
function sameUrn(urn: string): string {
  const [type = "", name = ""] = urn.split("::").slice(-2);
  return urnOf(type.split("$").at(-1) ?? "", name);
}

/** The policy pack as the engine runs it: a process with a gRPC server. */
export class PolicyPackProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly client: AnalyzerClient,
  ) {}

  static async start(): Promise<PolicyPackProcess> {
    const child = spawn(process.execPath, ["main.js"], {
      cwd: path.join(PROJECT_ROOT, "policy"),
      env: plainEnv,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const port = await new Promise<string>((resolve, reject) => {
      readline.createInterface({ input: child.stdout }).once("line", resolve);
      child.once("exit", (code) => reject(new Error(`the policy pack ended with ${code}`)));
    });
    const credentials = grpc.credentials.createInsecure();
    return new PolicyPackProcess(child, new AnalyzerClient(`127.0.0.1:${port}`, credentials));
  }

  /** Replaces the settings of rules, as --policy-pack-config does; without a level, a rule has that of the pack. */
  async configure(config: PackConfig): Promise<void> {
    const request = new rpc.ConfigureAnalyzerRequest();
    for (const [name, { enforcementLevel = "mandatory", ...properties }] of Object.entries(
      config,
    )) {
      request
        .getPolicyconfigMap()
        .set(
          name,
          new rpc.PolicyConfig()
            .setEnforcementlevel(LEVELS[enforcementLevel])
            .setProperties(Struct.fromJavaScript(properties as Record<string, JavaScriptValue>)),
        );
    }
    await this.call((done) => this.client.configure(request, done));
  }

  /** What the pack finds in a stack, as `<rule> on <resource>: <message>`. */
  async check(resources: readonly CheckedResource[]): Promise<string[]> {
    const found: rpc.AnalyzeDiagnostic[] = [];
    for (const resource of resources) {
      const request = analyzeRequest(resource);
      await this.call((done) => this.client.remediate(request, done));
      const response = await this.call<rpc.AnalyzeResponse>((done) =>
        this.client.analyze(request, done),
      );
      // The engine knows which resource it has asked for.
      const urn = request.getUrn();
      found.push(...response.getDiagnosticsList().map((diagnostic) => diagnostic.setUrn(urn)));
    }
    const stack = new rpc.AnalyzeStackRequest().setResourcesList(resources.map(analyzerResource));
    const response = await this.call<rpc.AnalyzeResponse>((done) =>
      this.client.analyzeStack(stack, done),
    );
    return [...found, ...response.getDiagnosticsList()].map(
      (diagnostic) =>
        `${isAdvisory(diagnostic) ? "advice: " : ""}${diagnostic.getPolicyname()} on ` +
        `${diagnostic.getUrn().split("::").at(-1)}: ${diagnostic.getMessage().split("\n").at(-1)}`,
    );
  }

  async close(): Promise<void> {
    this.client.close();
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill();
    await ended;
  }

  private call<Response>(
    send: (done: (error: grpc.ServiceError | null, response: Response) => void) => unknown,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      send((error, response) => (error ? reject(new Error(error.details)) : resolve(response)));
    });
  }
}

const isAdvisory = (diagnostic: rpc.AnalyzeDiagnostic): boolean =>
  diagnostic.getEnforcementlevel() === rpc.EnforcementLevel.ADVISORY;

const properties = ({ inputs }: CheckedResource) =>
  Struct.fromJavaScript(inputs as Record<string, JavaScriptValue>);

function analyzeRequest(resource: CheckedResource): rpc.AnalyzeRequest {
  const { type, name } = resource;
  return new rpc.AnalyzeRequest()
    .setType(type)
    .setName(name)
    .setUrn(urnOf(type, name))
    .setOptions(new rpc.AnalyzerResourceOptions())
    .setProperties(properties(resource));
}

/** A resource of a stack: its outputs lack the inputs that are in its id. */
function analyzerResource(resource: CheckedResource): rpc.AnalyzerResource {
  const { type, name, inputDependencies } = resource;
  const {
    configurationName: _name,
    serverName: _server,
    resourceUri: _resource,
    ...outputs
  } = resource.inputs;
  const message = new rpc.AnalyzerResource()
    .setType(type)
    .setName(name)
    .setUrn(urnOf(type, name))
    .setOptions(new rpc.AnalyzerResourceOptions())
    .setProperties(properties({ ...resource, inputs: outputs }));
  for (const [input, urns] of Object.entries(inputDependencies)) {
    const dependencies = new rpc.AnalyzerPropertyDependencies().setUrnsList([...urns]);
    message.getPropertydependenciesMap().set(input, dependencies);
  }
  return message;
}
