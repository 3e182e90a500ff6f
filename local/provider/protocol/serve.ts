import * as fs from "node:fs";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { LOOPBACK } from "../../common/ports";
import { EngineConnection } from "./engine-log";
import { ProviderServicer } from "./servicer";
import type { ProviderDefinition } from "./types";

/** The engine's own limit; a state with large properties passes grpc-js's default of 4 MiB. */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

export interface RunningProvider {
  readonly port: number;
  /** Aborts what runs, and stops serving. */
  close(): void;
}

/** Serves a provider on a free port of the loopback interface; `engineAddress` is where log lines go. */
export async function startProvider(
  definition: ProviderDefinition,
  engineAddress?: string,
): Promise<RunningProvider> {
  const engine = new EngineConnection();
  if (engineAddress !== undefined) engine.connect(engineAddress);
  const servicer = new ProviderServicer(definition, engine);
  const server = new grpc.Server({ "grpc.max_receive_message_length": MAX_MESSAGE_BYTES });
  server.addService(ResourceProviderService, servicer.implementation());
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync(`${LOOPBACK}:0`, credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    port,
    close: () => {
      servicer.cancel();
      server.forceShutdown();
      engine.close();
      definition.close?.();
    },
  };
}

/**
 * A plugin's main function: prints the port, as the engine expects, and serves until the engine ends the process, or is
 * gone itself. The engine gives its address as the only argument that isn't a flag.
 */
export async function serveProvider(definition: ProviderDefinition): Promise<void> {
  const provider = await startProvider(definition, engineAddressIn(process.argv.slice(2)));
  const end = () => {
    provider.close();
    process.exit(0);
  };
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
  // The engine holds the other end of a pipe; a killed engine would leave the plugin behind.
  if (fs.fstatSync(process.stdin.fd).isFIFO()) process.stdin.once("end", end).resume();
  process.stdout.write(`${provider.port}\n`);
}

function engineAddressIn(args: readonly string[]): string | undefined {
  return args.find((arg, index) => !arg.startsWith("-") && args[index - 1] !== "--tracing");
}
