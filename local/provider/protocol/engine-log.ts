import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/** Messages about a resource for the terminal; dropped where no engine is connected. */
export interface EngineLog {
  warn(message: string): void;
  error(message: string): void;
  /** An ephemeral message: shown in the resource's status column, and not repeated in the "Diagnostics" section. */
  status(message: string): void;
}

/** A client of the engine's log service. */
export class EngineConnection {
  private client: EngineClient | undefined;
  /** Messages that are being sent; a step's response waits for them, so that no line is lost. */
  private readonly pending = new Set<Promise<void>>();

  connect(address: string): void {
    this.client?.close();
    this.client = new EngineClient(address, grpc.credentials.createInsecure());
  }

  /** A log whose messages are shown at the resource. */
  forResource(urn: string): EngineLog {
    const at =
      (severity: LogSeverity, ephemeral = false) =>
      (message: string) =>
        this.send(urn, severity, message, ephemeral);
    return {
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
    // A message that can't be sent doesn't fail the step.
    const sent = new Promise<void>((resolve) => client.log(request, () => resolve()));
    this.pending.add(sent);
    void sent.then(() => this.pending.delete(sent));
  }
}
