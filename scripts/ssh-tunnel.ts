/** TCP connections from the lab's VM, for a server that this machine can't reach. */
import { type Duplex } from "node:stream";
import { Client, type ClientChannel, type ServerHostKeyAlgorithm } from "ssh2";

const CONNECT_TIMEOUT_SECONDS = 15;
/** A machine that was switched off doesn't close its connections. */
const KEEPALIVE_SECONDS = 5;

export interface Vm {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA...`: the only key that is accepted. */
  readonly hostKey: string;
}

type SshError = Error & { code?: string; level?: string; reason?: number };

/** RFC 4254, section 5.1: SSH_OPEN_ADMINISTRATIVELY_PROHIBITED. */
const PROHIBITED = 1;

/** One SSH connection, opened when it is first needed, and again after it was lost. */
export class SshTunnel {
  private connection?: Promise<Client>;

  constructor(private readonly vm: Vm) {}

  /** @throws Error with a system error's code, as from a connection of this machine, or VM_... where the VM is the cause */
  async connect(host: string, port: number): Promise<Duplex> {
    const client = await (this.connection ??= this.open());
    return new Promise((resolve, reject) => {
      const lost = () => reject(vmError("it closed the connection", "VM_UNREACHABLE"));
      client.once("close", lost);
      client.forwardOut("127.0.0.1", 0, host, port, (error, channel) => {
        client.removeListener("close", lost);
        if (error) reject(forwardError(error));
        else resolve(asSocket(channel));
      });
    });
  }

  async close(): Promise<void> {
    (await this.connection?.catch(() => undefined))?.end();
  }

  private open(): Promise<Client> {
    const client = new Client();
    const { host, port, user, privateKey, hostKey } = this.vm;
    const [type = "", key = ""] = hostKey.split(" ");
    return new Promise((resolve, reject) => {
      const fail = (error: SshError) => {
        this.connection = undefined;
        client.destroy();
        const isRefused =
          error.level === "client-authentication" || /Host denied/.test(error.message);
        reject(
          vmError(`${host}:${port}: ${error.message}`, isRefused ? "VM_REFUSED" : "VM_UNREACHABLE"),
        );
      };
      // A lost connection emits several errors; one without a listener would end the process.
      client.on("error", fail);
      client.on("close", () => fail(new Error("it closed the connection")));
      client.once("ready", () => resolve(client));
      client.connect({
        ...{ host, port, username: user, privateKey },
        readyTimeout: CONNECT_TIMEOUT_SECONDS * 1000,
        keepaliveInterval: KEEPALIVE_SECONDS * 1000,
        hostVerifier: (actual: Buffer) => actual.equals(Buffer.from(key, "base64")),
        algorithms: { serverHostKey: [type as ServerHostKeyAlgorithm] },
      });
    });
  }
}

const vmError = (text: string, code: string): Error =>
  Object.assign(new Error(`the VM can't be used: ${text}`), { code });

/** sshd passes on the text of its machine's error. Source: channel_post_connecting in OpenSSH's channels.c. */
function forwardError({ message, reason }: SshError): Error {
  if (reason === PROHIBITED) return vmError(message, "VM_FORWARDING");
  const code = /refused/.test(message)
    ? "ECONNREFUSED"
    : /timed out|unreachable|No route/.test(message)
      ? "ETIMEDOUT"
      : "ENOTFOUND";
  return Object.assign(new Error(`from the VM: ${message}`), { code });
}

/** What pg expects of a socket that isn't connected yet. */
function asSocket(channel: ClientChannel): Duplex {
  return Object.assign(channel, {
    setNoDelay: () => channel,
    connect: () => setImmediate(() => channel.emit("connect")),
  });
}
