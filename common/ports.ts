import getPort from "get-port";
import * as net from "node:net";

export const LOOPBACK = "127.0.0.1";

/** Whether a TCP port of the address is free to listen on now. */
export function isPortFree(port: number, host = LOOPBACK): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * The preferred port, or the first one after it that is free: those below 32768 aren't given to clients.
 * @param preferred 0 for any free port
 * @param excluded ports that belong to others, though nobody may listen on them now
 */
export async function choosePort(
  preferred: number,
  excluded: ReadonlySet<number> = new Set(),
): Promise<number> {
  if (preferred === 0) return getPort({ host: LOOPBACK });
  let port = preferred;
  while (excluded.has(port) || !(await isPortFree(port))) port++;
  return port;
}
