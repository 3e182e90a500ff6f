import * as net from "node:net";
import { getExtensionData, readTlsClientHello } from "read-tls-client-hello";
import { LOOPBACK } from "../../../../common/ports";
import { closeSignal, readExactly } from "./read-exactly";

/** A server behind the gateway. */
export interface GatewayServer {
  /** The first label of its host name. */
  readonly name: string;
  /** A loopback address, on which it listens on the gateway's port. */
  readonly address: string;
  /** Whether a process of this host belongs to it. */
  readonly hasProcess: (pid: number) => boolean;
}

export interface GatewayOptions {
  readonly port: number;
  /** The servers that exist now. */
  readonly servers: () => readonly GatewayServer[];
  readonly notify: (line: string) => void;
}

/** The codes of the first messages. Source: PostgreSQL's "Message Formats". */
const SSL_REQUEST = 80877103;
const GSS_ENCRYPTION_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;
const REQUEST_BYTES = 8;
const CANCEL_REQUEST_BYTES = 16;

/** The first byte of a TLS handshake: PostgreSQL 17 allows it without an SSLRequest (sslnegotiation=direct). */
const TLS_HANDSHAKE = 22;
/** A fatal alert "unrecognized_name". Source: RFC 6066, section 3. */
const UNRECOGNIZED_NAME = Buffer.from([21, 3, 3, 0, 2, 2, 112]);

/** PostgreSQL's authentication_timeout. */
const FIRST_MESSAGES_MILLISECONDS = 60_000;

/**
 * Listens on the lab's PostgreSQL port of 127.0.0.1, and forwards each connection to the server whose name the client sends
 * with its TLS handshake (SNI), as libpq does since PostgreSQL 14. On Azure each server's name has an address of its own.
 * The TLS session is the client's and the server's: the gateway has neither key nor certificate.
 */
export class Gateway {
  private readonly server = net.createServer({ pauseOnConnect: true, noDelay: true }, (client) => {
    this.clients.add(client);
    client.once("close", () => this.clients.delete(client));
    // `serve` learns of it by the end of the stream.
    client.on("error", () => undefined);
    this.serve(client).catch((error: unknown) => {
      if (!client.destroyed) this.options.notify(String(error));
      client.resetAndDestroy();
    });
  });
  private readonly clients = new Set<net.Socket>();

  constructor(private readonly options: GatewayOptions) {}

  start(): Promise<void> {
    if (this.server.listening) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen({ host: LOOPBACK, port: this.options.port, exclusive: true }, resolve);
    });
  }

  /** Ends the connections too. */
  async stop(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const client of this.clients) client.destroy();
    await closed;
  }

  private async serve(client: net.Socket): Promise<void> {
    const closed = closeSignal(client);
    client.setTimeout(FIRST_MESSAGES_MILLISECONDS, () => client.destroy());
    for (;;) {
      const message = await readExactly(client, REQUEST_BYTES, closed);
      const code = message.readUInt32BE(4);
      if (code === GSS_ENCRYPTION_REQUEST) {
        client.write("N");
        continue;
      }
      if (code === SSL_REQUEST) {
        client.write("S");
        return this.serveTls(client, message);
      }
      client.unshift(message);
      if (message[0] === TLS_HANDSHAKE) return this.serveTls(client);
      if (code === CANCEL_REQUEST) return this.cancel(client, closed);
      const server = this.only();
      return server ? this.forward(client, server) : refusePlain(client);
    }
  }

  /** @param request what the server gets first; it answers as the gateway did */
  private async serveTls(client: net.Socket, request?: Buffer): Promise<void> {
    const name = await serverName(client);
    // A client that connects to an address sends none.
    const server = name === undefined ? this.only() : this.named(name);
    if (server) return this.forward(client, server, request);
    this.options.notify(`no server for ${name ?? "a client that sends no server name"}`);
    client.end(UNRECOGNIZED_NAME);
  }

  /** Clients before PostgreSQL 17 cancel without TLS, so without a name. A wrong process id would be logged by each server. */
  private async cancel(client: net.Socket, closed: AbortSignal): Promise<void> {
    const message = await readExactly(client, CANCEL_REQUEST_BYTES, closed);
    client.unshift(message);
    const pid = message.readUInt32BE(REQUEST_BYTES);
    const server = this.only() ?? this.options.servers().find((each) => each.hasProcess(pid));
    if (server) return this.forward(client, server);
    client.destroy();
  }

  private only(): GatewayServer | undefined {
    const [first, second] = this.options.servers();
    return second ? undefined : first;
  }

  private named(host: string): GatewayServer | undefined {
    const [label] = host.toLowerCase().split(".");
    return this.options.servers().find(({ name }) => name.toLowerCase() === label);
  }

  private async forward(
    client: net.Socket,
    { address }: GatewayServer,
    request?: Buffer,
  ): Promise<void> {
    const server = net.connect({ host: address, port: this.options.port, noDelay: true });
    const closed = closeSignal(server);
    server.on("error", () => undefined);
    client.once("close", () => server.destroySoon());
    if (request) {
      server.write(request);
      const answer = await readExactly(server, 1, closed).catch(() => undefined);
      // A stopped server doesn't answer.
      if (answer?.toString() !== "S") return void client.resetAndDestroy();
    }
    client.setTimeout(0);
    client.pipe(server).pipe(client);
    // After what it has still to read.
    server.once("close", () => client.destroySoon());
  }
}

/** Leaves the bytes of the handshake in the stream. */
async function serverName(client: net.Socket): Promise<string | undefined> {
  const hello = await readTlsClientHello(client);
  return getExtensionData(hello, "server_name")?.serverName ?? undefined;
}

/** Source: PostgreSQL's "Error and Notice Message Fields" and "Error Codes". */
function refusePlain(client: net.Socket): void {
  const fields = [
    ...["SFATAL", "VFATAL", "C08004"],
    "MLocal Azure has several servers, or none, and a connection without TLS doesn't name its server",
    "HConnect with TLS and the server's host name: sslmode=require or stricter, by a client of PostgreSQL 14 or later.",
  ];
  const body = Buffer.from(`${fields.map((field) => `${field}\0`).join("")}\0`);
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeUInt32BE(body.length + 4, 1);
  client.end(Buffer.concat([head, body]));
}
