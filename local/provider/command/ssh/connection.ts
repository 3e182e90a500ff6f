import { Client, type ClientChannel, type ConnectConfig, type SFTPWrapper } from "ssh2";
import { hostKeyConfig, HOST_KEY_MISMATCH } from "./host-key";

/** How to sign in to a machine; as `remote.Connection` of @pulumi/command. */
export interface SshTarget {
  readonly host: string;
  /** @default 22 */
  readonly port?: number;
  /** @default root */
  readonly user?: string;
  readonly password?: string;
  /** PEM or OpenSSH. */
  readonly privateKey?: string;
  readonly privateKeyPassword?: string;
  /** @default SSH_AUTH_SOCK */
  readonly agentSocketPath?: string;
  /** Tries after the first; -1 is no limit. @default 10 */
  readonly dialErrorLimit?: number;
  /** Seconds a try may take; 0 is no limit. @default 15 */
  readonly perDialTimeout?: number;
  /** The server's public key, as it stands in authorized_keys. @default any key is taken */
  readonly hostKey?: string;
  readonly proxy?: SshTarget;
}

/** What no further try would mend: a key that can't be read. */
export class UnusableTarget extends Error {}

/** How long a silent link is trusted: a machine that was switched off says nothing. */
const KEEPALIVE_MILLISECONDS = 5000;
const KEEPALIVES_UNANSWERED = 3;

/** One signed-in connection, on which commands run side by side. */
export class SshConnection {
  private closed = false;

  private constructor(
    private readonly client: Client,
    readonly endpoint: string,
  ) {
    client.once("close", () => (this.closed = true));
    // Errors reach the callers through their channels.
    client.on("error", () => undefined);
  }

  /** Connects once. @param via a stream through a proxy. The error has the words of Go's SSH client. */
  static open(target: SshTarget, via?: ClientChannel): Promise<SshConnection> {
    const endpoint = `${target.host}:${target.port ?? 22}`;
    const client = new Client();
    return new Promise((resolve, reject) => {
      const fail = (error: Error & { level?: string; code?: string }) => {
        client.destroy();
        reject(new Error(dialError(error, endpoint)));
      };
      // A link that breaks in the handshake reports more than one error; any that nobody takes would end the process.
      client.on("error", () => undefined);
      client.once("error", fail);
      client.once("close", () => fail(new Error("EOF")));
      client.once("ready", () => {
        client.removeAllListeners();
        resolve(new SshConnection(client, endpoint));
      });
      client.on("keyboard-interactive", (_name, _instructions, _language, prompts, finish) =>
        finish(prompts.map(() => target.password ?? "")),
      );
      try {
        client.connect({ ...connectConfig(target), sock: via });
      } catch (error) {
        // ssh2's words about a key that it can't read hold nothing of the key.
        reject(new UnusableTarget((error as Error).message));
      }
    });
  }

  /** Calls back once the link is gone, by whose doing ever. */
  onClose(callback: () => void): void {
    this.client.once("close", callback);
  }

  get isOpen(): boolean {
    return !this.closed;
  }

  /** Starts a command. */
  exec(command: string, environment: Readonly<Record<string, string>>): Promise<ClientChannel> {
    return this.channel((done) => this.client.exec(command, { env: environment }, done));
  }

  sftp(): Promise<SFTPWrapper> {
    return this.channel((done) => this.client.sftp(done));
  }

  /** A TCP stream from the machine to another. */
  forward(host: string, port: number): Promise<ClientChannel> {
    return this.channel((done) => this.client.forwardOut("127.0.0.1", 0, host, port, done));
  }

  close(): void {
    this.client.end();
    this.client.destroy();
  }

  /** ssh2 never calls back where the link breaks while a channel is being opened. */
  private channel<T>(
    open: (done: (error: Error | undefined, channel: T) => void) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const lost = () => reject(new Error(`the connection to ${this.endpoint} was lost`));
      if (this.closed) return lost();
      this.client.once("close", lost);
      open((error, channel) => {
        this.client.removeListener("close", lost);
        if (error) reject(error);
        else resolve(channel);
      });
    });
  }
}

function connectConfig(target: SshTarget): ConnectConfig {
  const { perDialTimeout = 15, password } = target;
  return {
    host: target.host,
    port: target.port ?? 22,
    username: target.user ?? "root",
    password,
    tryKeyboard: password !== undefined,
    privateKey: target.privateKey,
    passphrase: target.privateKeyPassword,
    agent: target.agentSocketPath ?? process.env.SSH_AUTH_SOCK,
    readyTimeout: perDialTimeout * 1000,
    keepaliveInterval: KEEPALIVE_MILLISECONDS,
    keepaliveCountMax: KEEPALIVES_UNANSWERED,
    ...hostKeyConfig(target.hostKey),
  };
}

function dialError(error: Error & { level?: string; code?: string }, endpoint: string): string {
  if (error.code === "ECONNREFUSED") return `dial tcp ${endpoint}: connect: connection refused`;
  if (error.level === "client-timeout") return `dial tcp ${endpoint}: i/o timeout`;
  if (error.level === "client-authentication") {
    return "ssh: handshake failed: ssh: unable to authenticate, no supported methods remain";
  }
  if (HOST_KEY_MISMATCH.test(error.message)) {
    return "ssh: handshake failed: ssh: host key mismatch";
  }
  return error.level === "client-socket" || error.level === "client-dns"
    ? `dial tcp ${endpoint}: ${error.message}`
    : `ssh: handshake failed: ${error.message}`;
}
