import * as https from "node:https";
import * as net from "node:net";
import { LOOPBACK } from "../../common/ports";

/** A machine under load may need some seconds. */
const TIMEOUT_SECONDS = 5;

export interface HttpsProbe {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly path: string;
  /** PEM text of the authority. */
  readonly ca: string;
  /** @default 5 */
  readonly timeoutSeconds?: number;
}

/** Whether a server responds. Every response counts: Azurite refuses an anonymous request. */
export function httpsAnswers({
  port,
  path,
  ca,
  timeoutSeconds = TIMEOUT_SECONDS,
}: HttpsProbe): Promise<boolean> {
  return new Promise((resolve) => {
    // The option `timeout` counts the handshake separately.
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    // Not the global agent: a kept connection could outlive the server that is asked.
    const call = https.get({ host: LOOPBACK, port, path, ca, signal, agent: false }, (answer) => {
      answer.resume();
      resolve(true);
    });
    call.on("error", () => resolve(false));
    call.on("close", () => resolve(false));
  });
}

export interface TcpProbe {
  /** @default "127.0.0.1" */
  readonly host?: string;
  readonly port: number;
  /** Sent first. @default nothing */
  readonly greeting?: Buffer;
  /** Whether this is the start of the expected answer. */
  readonly isExpected: (text: string) => boolean;
}

/** Whether the first bytes from an address are the expected ones. */
export function tcpAnswers({
  host = LOOPBACK,
  port,
  greeting,
  isExpected,
}: TcpProbe): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port });
    const end = (healthy: boolean) => {
      socket.destroy();
      resolve(healthy);
    };
    socket.setTimeout(TIMEOUT_SECONDS * 1000, () => end(false));
    if (greeting) socket.once("connect", () => socket.write(greeting));
    socket.once("data", (data) => end(isExpected(data.toString("latin1"))));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
  });
}

/** PostgreSQL's SSLRequest: length 8, code 80877103. It needs no sign-in, and leaves no line in the log. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Whether a PostgreSQL server, or the gateway, responds. */
export const serverAnswers = (address: Pick<TcpProbe, "host" | "port">): Promise<boolean> =>
  tcpAnswers({ ...address, greeting: SSL_REQUEST, isExpected: (text) => text === "S" });

/** Whether a process listens on a port of 127.0.0.1, also one that doesn't answer. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: LOOPBACK, port });
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(TIMEOUT_SECONDS * 1000, () => end(true));
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}

/** Whether sshd sends its banner; QEMU accepts connections before the guest listens. */
export const sshAnswers = (address: Pick<TcpProbe, "host" | "port">): Promise<boolean> =>
  tcpAnswers({ ...address, isExpected: (text) => text.startsWith("SSH-") });
