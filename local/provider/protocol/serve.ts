import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { announcePort, engineAddress, listenOnLoopback } from "../../plugin-process";
import { EngineConnection } from "./engine-log";
import { ProviderServicer } from "./servicer";
import type { ProviderDefinition } from "./types";

export interface RunningProvider {
  readonly port: number;
  /** Aborts what runs, and stops serving. */
  close(): void;
}

/** Serves a provider on a free port of the loopback interface; `engine` is the address that log lines go to. */
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

/** A plugin's main function: serves until the engine ends the process. */
export async function serveProvider(definition: ProviderDefinition): Promise<void> {
  const provider = await startProvider(definition, engineAddress(process.argv.slice(2)));
  announcePort(provider.port, () => provider.close());
}
