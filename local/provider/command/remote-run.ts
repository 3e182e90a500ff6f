import { constants } from "node:os";
import type { ClientChannel } from "ssh2";
import { isObject, isUnknown, type CheckFailure, type Inputs } from "../protocol";
import type { CommandInputs, CommandOutput, Run } from "./command";
import { OutputCollector } from "./output";
import type { SshTarget } from "./ssh/connection";
import type { SshPool } from "./ssh/pool";

/** The inputs of `remote.Command` only. */
interface RemoteInputs extends CommandInputs {
  readonly connection: SshTarget;
}

export function checkRemote({ connection }: Inputs): CheckFailure[] {
  if (isUnknown(connection)) return [];
  return isObject(connection) && connection.host !== undefined
    ? []
    : [{ property: "connection", reason: "connection.host is missing: the address to connect to" }];
}

/** Runs a command over SSH; errors have the text of the real plugin. */
export async function runRemote(pool: SshPool, command: string, run: Run): Promise<CommandOutput> {
  const { connection, stdin } = run.inputs as RemoteInputs;
  const environment = await acceptedEnvironment(pool, run);
  return pool.with(
    connection,
    run,
    (ssh) => ssh.exec(command, environment),
    async (channel) => {
      const output = new OutputCollector(run);
      channel.on("data", (data: Buffer) => output.add("stdout", data));
      channel.stderr.on("data", (data: Buffer) => output.add("stderr", data));
      const reason = await finished(channel, stdin ?? "", run.signal);
      if (reason !== undefined) throw output.failure(reason, command);
      return output.finish(command);
    },
  );
}

/** Sends the input, and waits for the end. @returns why the command failed; undefined for exit status 0 */
async function finished(
  channel: ClientChannel,
  stdin: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  signal.throwIfAborted();
  let abort = () => undefined as void;
  try {
    return await new Promise<string | undefined>((resolve, reject) => {
      const cancelled = () => reject(signal.reason as Error);
      abort = () => endCommand(channel, cancelled);
      signal.addEventListener("abort", abort);
      let reason: string | undefined =
        "wait: remote command exited without exit status or exit signal";
      channel.once("exit", (...exit: ExitEvent) => (reason = exitReason(...exit)));
      channel.once("close", () => (signal.aborted ? cancelled() : resolve(reason)));
      // A command that doesn't read its input closes the channel first.
      channel.on("error", () => undefined);
      channel.end(stdin);
    });
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** The time that a cancelled command has to clean up. */
const GRACE_MILLISECONDS = 5000;

/** Internals of ssh2 1.17: its public `signal` sends nothing after the end of the command's input. */
interface ChannelInternals {
  readonly outgoing: { readonly id: number };
  readonly _client: {
    readonly _protocol: { signal(channel: number, name: "TERM" | "KILL"): void };
  };
}

/**
 * Ends a running command with SIGTERM, then SIGKILL. `gaveUp` is called where it runs on: sshd doesn't pass signals on to
 * a session of root.
 */
function endCommand(channel: ClientChannel, gaveUp: () => void): void {
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

/** ssh2's event: a status, or null and the name of a signal. */
type ExitEvent = [status: number | null, signal?: string, coreDumped?: string, text?: string];

/** The text of Go's SSH client; undefined for success. */
function exitReason(...[status, name, , text]: ExitEvent): string | undefined {
  if (status === 0) return undefined;
  if (status !== null) return `Process exited with status ${status}`;
  const code = 128 + (constants.signals[`SIG${name}` as NodeJS.Signals] ?? 0);
  const because = text ? `. Reason was: ${text}` : "";
  return `Process exited with status ${code} from signal ${name}${because}`;
}

/**
 * The variables that sshd accepts. sshd drops those that AcceptEnv doesn't list, and ssh2 can't request a reply, so a command
 * prints the variables that arrived: a missing variable of the user is an error, a missing previous output only a warning.
 */
async function acceptedEnvironment(pool: SshPool, run: Run): Promise<Record<string, string>> {
  const { connection, environment = {} } = run.inputs as RemoteInputs;
  const wanted = { ...environment, ...run.previousOutput };
  if (Object.keys(wanted).length === 0) return {};
  const arrived = await pool.with(
    connection,
    run,
    (ssh) => ssh.exec("env -0", wanted),
    async (channel) => {
      const chunks: Buffer[] = [];
      channel.on("data", (data: Buffer) => chunks.push(data));
      await finished(channel, "", run.signal);
      return new Set(Buffer.concat(chunks).toString().split("\0"));
    },
  );
  const refused = (name: string, value: string) => !arrived.has(`${name}=${value}`);
  for (const [name, value] of Object.entries(environment ?? {})) {
    if (!refused(name, value)) continue;
    run.log.error(unableToSet(name));
    throw new Error(`could not set environment variable "${name}": ssh: setenv failed`);
  }
  const accepted = { ...environment };
  for (const [name, value] of Object.entries(run.previousOutput)) {
    if (refused(name, value)) run.log.warn(unableToSet(name));
    else accepted[name] = value;
  }
  return accepted;
}

function unableToSet(name: string): string {
  return (
    `Unable to set '${name}'. This only works if your SSH server is configured to accept ` +
    "these variables via AcceptEnv. Alternatively, if a Bash-like shell runs the command on the remote host, " +
    "you could prefix the command itself with the variables in the form 'VAR=value command'"
  );
}
