import * as https from "node:https";
import * as tls from "node:tls";
import { UserError } from "../../common/user-error";

/** An address that stands in for the storage account's own. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * `HOST:PORT` of the other end of a tunnel to a storage account that is private.
 * @throws UserError where it is none
 */
export function parseAddress(text: string, option: string): Address {
  const [, host, port] = /^(\[[\da-fA-F:]+\]|[^:\s]+):(\d{1,5})$/.exec(text) ?? [];
  if (!host || Number(port) < 1 || Number(port) > 65535) {
    throw new UserError(`${option} is "${text}"; it takes HOST:PORT, like 127.0.0.1:10000.`);
  }
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

/** Connects to an address whatever host is asked for; TLS is still verified for the host's own name. */
export class ConnectToAgent extends https.Agent {
  constructor(private readonly address: Address) {
    super({ keepAlive: true });
  }

  createConnection(options: tls.ConnectionOptions): tls.TLSSocket {
    return tls.connect({ ...options, ...this.address });
  }
}
