import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { type ChildProcess, spawn } from "node:child_process";
import * as readline from "node:readline";
import { PROJECT_ROOT } from "../../../local/paths";
import { type TestCloud } from "./cloud";

const MAIN = "local/provider/azure-native/provider.ts";

/** The environment variables with which programs find the cloud and sign in to it. */
export function clientEnvironment(cloud: TestCloud): Record<string, string> {
  return {
    ARM_METADATA_HOSTNAME: new URL(cloud.url).host,
    ARM_DISABLE_INSTANCE_DISCOVERY: "true",
    ARM_TENANT_ID: cloud.tenantId,
    ARM_CLIENT_ID: cloud.clientId,
    ARM_CLIENT_SECRET: cloud.clientSecret,
    ARM_SUBSCRIPTION_ID: cloud.subscriptionId,
    NODE_EXTRA_CA_CERTS: cloud.paths.caCertificate,
  };
}

/** The azure-native stand-in as the engine runs it: a separate process with a gRPC server. */
export class ProviderProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly client: ResourceProviderClient,
  ) {}

  static async start(cloud: TestCloud): Promise<ProviderProcess> {
    const child = spawn(process.execPath, ["--import", "tsx", MAIN], {
      cwd: PROJECT_ROOT,
      env: { PATH: process.env.PATH, ...clientEnvironment(cloud) },
      // The plugin ends when its standard input closes.
      stdio: ["pipe", "pipe", "inherit"],
    });
    const port = await new Promise<string>((resolve, reject) => {
      readline.createInterface({ input: child.stdout }).once("line", resolve);
      child.once("exit", (code) => reject(new Error(`the provider ended with ${code}`)));
    });
    const credentials = grpc.credentials.createInsecure();
    return new ProviderProcess(child, new ResourceProviderClient(`127.0.0.1:${port}`, credentials));
  }

  /** Calls Pulumi's Create. @returns the resource's id @throws Error with the message that users see */
  create(type: string, inputs: Record<string, unknown>): Promise<string> {
    const request = new rpc.CreateRequest()
      .setType(type)
      .setUrn(`urn:pulumi:s::p::${type}::r`)
      .setName("r")
      .setProperties(Struct.fromJavaScript(inputs as Record<string, JavaScriptValue>));
    return new Promise((resolve, reject) => {
      this.client.create(request, (error, response) =>
        error ? reject(new Error(error.details)) : resolve(response.getId()),
      );
    });
  }

  close(): void {
    this.client.close();
    this.child.stdin?.end();
  }
}
