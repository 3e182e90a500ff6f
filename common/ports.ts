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

/** The preferred port if it is free, else another free one. @param preferred 0 for any free port */
export const choosePort = (preferred: number, host = LOOPBACK): Promise<number> =>
  getPort({ host, port: preferred });
