import fastifyStatic from "@fastify/static";
import fastify from "fastify";
import type { AddressInfo } from "node:net";
import type { Notify } from "../../../common/notify";
import { LOOPBACK } from "../../../common/ports";

export interface PackageServerOptions {
  /** On 127.0.0.1; 0 chooses a free one. */
  readonly port: number;
  /** PEM texts; the certificate is for packages.microsoft.com, so that the guest's clients can verify it. */
  readonly tls: { readonly key: string; readonly cert: string };
  /** Called with one line per request: method, path, status. @default none */
  readonly notify?: Notify;
}

export interface PackageServer {
  readonly port: number;
  readonly isListening: boolean;
  close(): Promise<void>;
}

/** Serves the files of a built repository over HTTPS on loopback. Each existing file has a route, so nothing else is accessible. */
export async function servePackageRepository(
  { root }: { readonly root: string },
  { port, tls, notify = () => undefined }: PackageServerOptions,
): Promise<PackageServer> {
  const server = fastify({ https: tls, forceCloseConnections: true });
  server.addHook("onResponse", async ({ method, url }, { statusCode }) => {
    notify(`${method} ${url.split("?")[0]} ${statusCode}`);
  });
  server.setNotFoundHandler(({ method }, reply) => {
    if (method === "GET" || method === "HEAD") return reply.code(404).send();
    return reply.code(405).header("Allow", "GET, HEAD").send();
  });
  await server.register(fastifyStatic, { root, wildcard: false, index: false, dotfiles: "ignore" });
  await server.listen({ host: LOOPBACK, port });
  return {
    port: (server.server.address() as AddressInfo).port,
    get isListening() {
      return server.server.listening;
    },
    close: () => server.close(),
  };
}

/** The server of a repository, which can be started again. */
export class PackageService {
  private server: PackageServer | undefined;

  /** @param repository returns the built repository */
  constructor(
    private readonly repository: () => Promise<{ readonly root: string }>,
    private readonly options: PackageServerOptions,
  ) {}

  get isRunning(): boolean {
    return this.server?.isListening ?? false;
  }

  async start(): Promise<void> {
    if (this.isRunning) return;
    this.server = await servePackageRepository(await this.repository(), this.options);
  }

  async close(): Promise<void> {
    await this.server?.close();
    this.server = undefined;
  }
}
