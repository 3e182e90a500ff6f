import {
  Client,
  type ClientChannel,
  type ConnectConfig,
  type ServerHostKeyAlgorithm,
  type SFTPWrapper,
} from "ssh2";

/** How to connect to a machine, as `remote.Connection` of @pulumi/command. */
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
  /** Attempts after the first; -1 is no limit. @default 10 */
  readonly dialErrorLimit?: number;
  /** Time limit of an attempt in seconds; 0 is no limit. @default 15 */
  readonly perDialTimeout?: number;
  /** The server's public key, as in authorized_keys. @default any key is accepted */
  readonly hostKey?: string;
  readonly proxy?: SshTarget;
}

/** An error that another attempt can't fix: the private key can't be read. */
export class UnusableTarget extends Error {}

/** A machine that was switched off doesn't close its connections: keepalive messages detect it. */
const KEEPALIVE_MILLISECONDS = 5000;
const KEEPALIVES_UNANSWERED = 3;

/** An authenticated connection, on which commands run in parallel. */
export class SshConnection {
  private closed = false;

  private constructor(
    private readonly client: Client,
    readonly endpoint: string,
  ) {
    client.once("close", () => (this.closed = true));
    // Callers get errors from their channels.
    client.on("error", () => undefined);
  }

  /** Connects once. An error has the text of Go's SSH client. @param via a stream through a proxy */
  static open(target: SshTarget, via?: ClientChannel): Promise<SshConnection> {
    const endpoint = `${target.host}:${target.port ?? 22}`;
    const client = new Client();
    return new Promise((resolve, reject) => {
      const fail = (error: Error & { level?: string; code?: string }) => {
        client.destroy();
        reject(new Error(dialError(error, endpoint)));
      };
      // A connection lost in the handshake emits several errors; one without a listener would end the process.
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
        // ssh2's message about an unreadable key contains no part of the key.
        reject(new UnusableTarget((error as Error).message));
      }
    });
  }

  /** Calls back once the connection is closed, by either side. */
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

  /** ssh2 doesn't call back where the connection is lost while it opens a channel. */
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

/** ssh2's messages for a server with another host key, or without a key of this type. */
const HOST_KEY_MISMATCH = /Host denied|no matching host key format/;

const RSA: ServerHostKeyAlgorithm[] = ["rsa-sha2-512", "rsa-sha2-256"];

/** Pins the server's key, and requests a key of its type. */
function hostKeyConfig(
  hostKey: string | undefined,
): Pick<ConnectConfig, "hostVerifier" | "algorithms"> {
  if (hostKey === undefined || hostKey === null) return {};
  const [type, key] = hostKey.trim().split(/\s+/);
  const expected = Buffer.from(key ?? "", "base64");
  if (type === undefined || expected.length === 0) {
    throw new Error(
      'connection.hostKey is not a public key: it must have the form "ssh-ed25519 AAAA...", as in authorized_keys',
    );
  }
  return {
    hostVerifier: (actual: Buffer) => actual.equals(expected),
    algorithms: { serverHostKey: type === "ssh-rsa" ? RSA : [type as ServerHostKeyAlgorithm] },
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
