import { pollUntil } from "../../../common/poll";
import { type SshAddress } from "../../image/machine";
import { sshAnswers } from "../probes";

/**
 * Waits until sshd sends its banner.
 * @param alive the wait ends with an error when it returns false
 */
export async function waitForSsh(
  { host, port }: SshAddress,
  timeoutSeconds: number,
  alive: () => boolean,
): Promise<void> {
  await pollUntil(
    () => {
      if (!alive()) throw new Error("the machine ended before sshd answered");
      return sshAnswers({ host, port });
    },
    { what: `sshd at ${host}:${port} to answer`, timeoutSeconds, intervalMilliseconds: 50 },
  );
}
