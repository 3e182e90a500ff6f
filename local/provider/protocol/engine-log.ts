import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/** Shows text at a resource in the terminal. Without an engine to show it, it goes nowhere. */
export interface EngineLog {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  /** A passing remark beside the resource ("waiting for the server"), not kept in the log. */
  status(message: string): void;
}

/** The engine's log service, once its address is known. */
export class EngineConnection {
  private client: EngineClient | undefined;
  /** Messages on their way; the last answer of a step waits for them, so that no line is lost. */
  private readonly pending = new Set<Promise<void>>();

  connect(address: string): void {
    this.client?.close();
    this.client = new EngineClient(address, grpc.credentials.createInsecure());
  }

  /** A log whose lines are shown at the resource. */
  forResource(urn: string): EngineLog {
    const at =
      (severity: LogSeverity, ephemeral = false) =>
      (message: string) =>
        this.send(urn, severity, message, ephemeral);
    return {
      debug: at(LogSeverity.DEBUG),
      info: at(LogSeverity.INFO),
      warn: at(LogSeverity.WARNING),
      error: at(LogSeverity.ERROR),
      status: at(LogSeverity.INFO, true),
    };
  }

  async flush(): Promise<void> {
    await Promise.all(this.pending);
  }

  close(): void {
    this.client?.close();
    this.client = undefined;
  }

  private send(urn: string, severity: LogSeverity, message: string, ephemeral: boolean): void {
    const client = this.client;
    if (client === undefined) return;
    const request = new LogRequest()
      .setUrn(urn)
      .setSeverity(severity)
      .setMessage(message)
      .setEphemeral(ephemeral);
    // A line that can't be shown is no reason to fail the step.
    const sent = new Promise<void>((resolve) => client.log(request, () => resolve()));
    this.pending.add(sent);
    void sent.then(() => this.pending.delete(sent));
  }
}
