import type { ClientChannel } from "ssh2";

/** What a cancelled command has to clean up. */
const GRACE_MILLISECONDS = 5000;

/** The parts of ssh2 1.17 below its public `signal`, which sends nothing once the command's input has ended. */
interface ChannelInternals {
  readonly outgoing: { readonly id: number };
  readonly _client: {
    readonly _protocol: { signal(channel: number, name: "TERM" | "KILL"): void };
  };
}

/**
 * Ends a running command with SIGTERM, then SIGKILL; `gaveUp` is called where it goes on all the same, since sshd passes no
 * signals on to a session of root's.
 */
export function endCommand(channel: ClientChannel, gaveUp: () => void): void {
  const { outgoing, _client } = channel as unknown as ChannelInternals;
  const send = (name: "TERM" | "KILL") => _client._protocol.signal(outgoing.id, name);
  send("TERM");
  const killing = setTimeout(() => {
    send("KILL");
    channel.close();
    gaveUp();
  }, GRACE_MILLISECONDS);
  channel.once("close", () => clearTimeout(killing));
}
