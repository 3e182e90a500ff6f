import * as fs from "node:fs";
import type { ServerResponse } from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import type { Notify } from "../../../common/notify";
import { LOOPBACK } from "../../../common/ports";
import type { PackageRepository } from ".";

export interface PackageServerOptions {
  /** On 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  /** PEM texts; the certificate is for packages.microsoft.com, so that the guest's clients can verify it. */
  readonly tls: { readonly key: string; readonly cert: string };
  /** Gets one line a request: method, path, status. @default none */
  readonly log?: Notify;
}

export interface PackageServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves the repository's files over HTTPS on loopback. The files are listed once, and only a path on that
 * list is answered, so no request can reach anything else.
 */
export async function servePackageRepository(
  repository: PackageRepository,
  { port, tls, log = () => {} }: PackageServerOptions,
): Promise<PackageServer> {
  const files = listFiles(repository.root);
  const server = https.createServer(tls, (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "https://packages.microsoft.com");
    response.on("finish", () => log(`${request.method} ${pathname} ${response.statusCode}`));
    const file = files.get(pathname);
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
    } else if (file === undefined) {
      response.writeHead(404).end();
    } else {
      send(file, request.method === "HEAD", response);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, LOOPBACK, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(file: string, headOnly: boolean, response: ServerResponse): void {
  const { size, mtime } = fs.statSync(file);
  response.writeHead(200, {
    "content-length": size,
    "content-type": "application/octet-stream",
    "last-modified": mtime.toUTCString(),
  });
  if (headOnly) response.end();
  else
    fs.createReadStream(file)
      .on("error", () => response.destroy())
      .pipe(response);
}

/** Every file of the tree by the path of its URL. */
function listFiles(root: string): Map<string, string> {
  const entries = fs.readdirSync(root, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .map((file) => [`/${path.relative(root, file)}`, file]),
  );
}
