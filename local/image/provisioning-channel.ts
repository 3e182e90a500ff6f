import type * as net from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { MACHINE_FILES } from "./machine";
import { connectInFolder } from "./qmp";

/**
 * The host's end of the guest's provisioning port. The other end is guest/usr/local/lib/local-azure/provision.py, which
 * documents the protocol.
 */
export class ProvisioningChannel {
  private received = "";
  private wake: () => void = () => undefined;
  private closed = false;

  private constructor(private readonly socket: net.Socket) {
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      this.received += text;
      this.wake();
    });
    const ended = () => {
      this.closed = true;
      this.wake();
    };
    socket.on("error", ended);
    socket.on("close", ended);
  }

  /** @param folder working directory of a running machine */
  static async connect(folder: string): Promise<ProvisioningChannel> {
    return new ProvisioningChannel(await connectInFolder(folder, MACHINE_FILES.provisioning));
  }

  send(line: string): void {
    this.socket.write(line + "\n");
  }

  /** The guest's next line. @throws Error past the deadline, or where the machine ends */
  async receive(what: string, timeoutSeconds: number, signal?: AbortSignal): Promise<string> {
    const deadline = Date.now() + timeoutSeconds * 1000;
    for (;;) {
      const end = this.received.indexOf("\n");
      if (end >= 0) {
        const line = this.received.slice(0, end);
        this.received = this.received.slice(end + 1);
        return line;
      }
      if (this.closed) throw new Error(`${what}: the machine ended`);
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`${what}: not within ${timeoutSeconds} s`);
      await this.nextChange(left, signal);
    }
  }

  close(): void {
    this.socket.destroy();
  }

  private async nextChange(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const change = new Promise<void>((resolve) => (this.wake = resolve));
    const signals = signal === undefined ? [stop.signal] : [stop.signal, signal];
    const time = delay(milliseconds, undefined, { signal: AbortSignal.any(signals) });
    try {
      await Promise.race([change, time]);
    } finally {
      stop.abort();
      await time.catch(() => undefined);
    }
  }
}
