import * as fs from "node:fs";
import * as grpc from "@grpc/grpc-js";
import { LOOPBACK } from "../common/ports";

/** The engine's limit; a large state exceeds grpc-js's default of 4 MiB. */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

/** Listens on a free port of the loopback interface, and returns it. */
export function listenOnLoopback(
  services: readonly {
    definition: grpc.ServiceDefinition;
    implementation: grpc.UntypedServiceImplementation;
  }[],
): Promise<{ server: grpc.Server; port: number }> {
  const server = new grpc.Server({ "grpc.max_receive_message_length": MAX_MESSAGE_BYTES });
  for (const { definition, implementation } of services) {
    server.addService(definition, implementation);
  }
  return new Promise((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync(`${LOOPBACK}:0`, credentials, (error, port) =>
      error ? reject(error) : resolve({ server, port }),
    );
  });
}

/**
 * The address of the Pulumi engine in a plugin's arguments: the first that is no flag and no flag's value. Source:
 * buildPluginArguments in sdk/go/common/resource/plugin/plugin.go of pulumi/pulumi.
 */
export function engineAddress(args: readonly string[]): string | undefined {
  return args.find((arg, index) => !arg.startsWith("-") && args[index - 1] !== "--tracing");
}

/**
 * Prints the port of a plugin for the engine, alone on the first line. The process then runs until the engine ends it or
 * ends itself; `close` is called before the exit.
 */
export function announcePort(port: number, close: () => void): void {
  const end = () => {
    close();
    process.exit(0);
  };
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
  // The engine has the other end of a pipe. Without this, the plugin would go on after the engine was killed.
  const input = fs.fstatSync(process.stdin.fd);
  if (input.isFIFO() || input.isSocket()) process.stdin.once("end", end).resume();
  process.stdout.write(`${port}\n`);
}
