import * as net from "node:net";
import { pollUntil } from "../../../common/poll";
import { type SshAddress } from "../../image/machine";

/**
 * Waits until sshd sends its banner; QEMU accepts connections before the guest listens.
 * @param alive the wait ends with an error when it returns false
 */
export async function waitForSsh(
  { host = "127.0.0.1", port }: SshAddress,
  timeoutSeconds: number,
  alive: () => boolean,
): Promise<void> {
  await pollUntil(
    () => {
      if (!alive()) throw new Error("the machine ended before sshd answered");
      return hasBanner(host, port);
    },
    { what: `sshd at ${host}:${port} to answer`, timeoutSeconds, intervalMilliseconds: 50 },
  );
}

/** Whether the first bytes from the address are SSH's banner; a busy guest may need some seconds. */
function hasBanner(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port });
    const end = (found: boolean) => {
      socket.destroy();
      resolve(found);
    };
    socket.setTimeout(5000, () => end(false));
    socket.once("data", (data) => end(data.toString("latin1").startsWith("SSH-")));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
  });
}
