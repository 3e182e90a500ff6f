import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import { createInterface, type Interface } from "node:readline";
import { pollUntil } from "../../common/poll";
import { shellQuote } from "../../common/shell-quote";
import { hostForward, type SshAddress } from "./machine";

/**
 * Connects to a Unix socket in a folder. The path goes through an open file descriptor of the folder, because a socket's
 * path is limited to 107 bytes on Linux.
 * @throws Error with `code` ENOENT or ECONNREFUSED where no process listens
 */
export async function connectInFolder(folder: string, name: string): Promise<net.Socket> {
  const descriptor = fs.openSync(folder, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  try {
    return await new Promise((resolve, reject) => {
      const socket = net.connect(path.join(`/proc/self/fd/${descriptor}`, name));
      socket.once("connect", () => resolve(socket));
      socket.once("error", reject);
    });
  } finally {
    fs.closeSync(descriptor);
  }
}

interface QmpMessage {
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
  readonly event?: string;
}

/** QEMU answers at once; longer work is a job that is asked for. */
const ANSWER_SECONDS = 30;

/** A client of QMP, QEMU's control protocol: one JSON object per line, one command at a time. */
export class QmpClient {
  private readonly lines: Interface;
  private waiting?: { resolve: (message: QmpMessage) => void; reject: (error: Error) => void };

  private constructor(private readonly socket: net.Socket) {
    this.lines = createInterface({ input: socket });
    this.lines.on("line", (line) => this.receive(JSON.parse(line) as QmpMessage));
    const ended = () => this.waiting?.reject(new Error("QEMU closed its control socket"));
    socket.on("error", ended);
    // readline passes the socket's errors on; without a listener, they would end this process.
    this.lines.on("error", ended);
    socket.on("close", ended);
  }

  /** Connects to a machine that may have been started just before. */
  static async connect(folder: string, name: string, timeoutSeconds = 10): Promise<QmpClient> {
    const socket = await pollUntil(
      () =>
        connectInFolder(folder, name).catch((error: NodeJS.ErrnoException) => {
          if (error.code === "ENOENT" || error.code === "ECONNREFUSED") return undefined;
          throw error;
        }),
      { what: "QEMU's control socket", timeoutSeconds, intervalMilliseconds: 20 },
    );
    const client = new QmpClient(socket);
    await client.execute("qmp_capabilities");
    return client;
  }

  /** @throws Error with QEMU's message where it refuses the command, and where it doesn't answer: it may be suspended */
  async execute<T = unknown>(command: string, args: object = {}): Promise<T> {
    const answer = new Promise<QmpMessage>((resolve, reject) => {
      this.waiting = { resolve, reject };
    });
    this.socket.write(JSON.stringify({ execute: command, arguments: args }) + "\n");
    const silent = setTimeout(
      () => this.waiting?.reject(new Error(`QEMU didn't answer ${command} in ${ANSWER_SECONDS} s`)),
      ANSWER_SECONDS * 1000,
    );
    const { error, return: result } = await answer.finally(() => clearTimeout(silent));
    if (error !== undefined) throw new Error(`QEMU refused ${command}: ${error.desc}`);
    return result as T;
  }

  close(): void {
    this.lines.close();
    this.socket.destroy();
  }

  private receive(message: QmpMessage): void {
    const answers = message.return !== undefined || message.error !== undefined;
    if (answers) this.waiting?.resolve(message);
  }
}

/** The main memory is in a separate file, so the saved state contains only the devices. */
const STATE_WITHOUT_MEMORY = {
  capabilities: [{ capability: "x-ignore-shared", state: true }],
};

/** Stops the machine, writes the state of its devices to a file, and ends it. */
export async function saveMachineState(qmp: QmpClient, stateFile: string): Promise<void> {
  await qmp.execute("stop");
  await qmp.execute("migrate-set-capabilities", STATE_WITHOUT_MEMORY);
  // A shell runs the text after "exec:".
  await qmp.execute("migrate", { uri: `exec:cat > ${shellQuote(stateFile)}` });
  await migrationEnds(qmp, "saving the machine's state");
  await qmp.execute("quit");
}

/** Restores the saved state of a machine that was started as `incoming`, and starts it. */
export async function restoreMachineState(qmp: QmpClient, stateFile: string): Promise<void> {
  await qmp.execute("migrate-set-capabilities", STATE_WITHOUT_MEMORY);
  await qmp.execute("migrate-incoming", { uri: `exec:cat ${shellQuote(stateFile)}` });
  await migrationEnds(qmp, "restoring the machine's state");
  await qmp.execute("cont");
}

/**
 * Resumes a machine that QEMU has paused because its disk image couldn't grow: the file system was full. Where it still is,
 * QEMU pauses the machine again; the guest's write waits.
 * @returns whether the machine was paused for that
 */
export async function resumeAfterFullDisk(qmp: QmpClient): Promise<boolean> {
  const { status } = await qmp.execute<{ status?: string }>("query-status");
  if (status !== "io-error") return false;
  await qmp.execute("cont");
  return true;
}

/**
 * Forwards another address to the guest's sshd, and no longer the one before; open connections continue. Both are commands of
 * QEMU's human monitor, which answer with text: nothing, if the forwarding was added.
 * Source: QEMU's documentation of the monitor, hostfwd_add and hostfwd_remove.
 * @throws Error with QEMU's text where it can't listen on the new address
 */
export async function moveHostForward(
  qmp: QmpClient,
  before: SshAddress,
  after: SshAddress,
): Promise<void> {
  const run = (command: string) =>
    qmp.execute<string>("human-monitor-command", { "command-line": command });
  const answer = (await run(`hostfwd_add network ${hostForward(after)}-:22`)).trim();
  if (answer !== "") throw new Error(answer);
  await run(`hostfwd_remove network ${hostForward(before)}`);
}

async function migrationEnds(qmp: QmpClient, what: string): Promise<void> {
  await pollUntil(
    async () => {
      const migration = await qmp.execute<{ status?: string; "error-desc"?: string }>(
        "query-migrate",
      );
      if (migration.status === "failed" || migration.status === "cancelled") {
        throw new Error(`${what} failed: ${migration["error-desc"] ?? "QEMU reports no reason"}`);
      }
      return migration.status === "completed";
    },
    { what, timeoutSeconds: 60, intervalMilliseconds: 20 },
  );
}
