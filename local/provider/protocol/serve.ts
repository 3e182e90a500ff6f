import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { announcePort, engineAddress, listenOnLoopback } from "../../plugin-process";
import { EngineConnection } from "./engine-log";
import { ProviderServicer } from "./servicer";
import type { ProviderDefinition } from "./types";

export interface RunningProvider {
  readonly port: number;
  /** Aborts all running requests, and stops serving. */
  close(): void;
}

/** Serves a provider on a free port of the loopback interface. @param engine the address for log messages */
export async function startProvider(
  definition: ProviderDefinition,
  engine?: string,
): Promise<RunningProvider> {
  const connection = new EngineConnection();
  if (engine !== undefined) connection.connect(engine);
  const servicer = new ProviderServicer(definition, connection);
  const { server, port } = await listenOnLoopback([
    { definition: ResourceProviderService, implementation: servicer.implementation() },
  ]);
  return {
    port,
    close: () => {
      servicer.cancel();
      server.forceShutdown();
      connection.close();
      definition.close?.();
    },
  };
}

/** The main function of a plugin: serves until the engine ends the process. */
export async function serveProvider(definition: ProviderDefinition): Promise<void> {
  const provider = await startProvider(definition, engineAddress(process.argv.slice(2)));
  announcePort(provider.port, () => provider.close());
}
