import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { pollUntil } from "../../common/poll";

export interface Measured {
  readonly seconds: number;
  /** Peak resident memory (VmHWM), as read last before the end. */
  readonly peakMib: number;
  /** The program's output, or the number of its lines. */
  readonly output: string;
}

const POLL_MILLISECONDS = 20;

/**
 * Runs a program, and measures its time from start to end.
 * @param countFile `wc` counts the lines into this file; undefined: the output is returned
 * @throws Error with the program's messages if it fails
 */
export async function measure(
  command: readonly string[],
  { countFile, cwd }: { countFile?: string; cwd?: string } = {},
): Promise<Measured> {
  const [program = "", ...args] =
    countFile === undefined
      ? command
      : ["bash", "-c", 'exec "${@:2}" > >(wc --lines >"$1")', "bash", countFile, ...command];
  if (countFile !== undefined) fs.rmSync(countFile, { force: true });
  const start = process.hrtime.bigint();
  const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let [output, messages] = ["", ""];
  child.stdout.on("data", (text: Buffer) => (output += text.toString()));
  child.stderr.on("data", (text: Buffer) => (messages += text.toString()));
  let peakKib = 0;
  const look = setInterval(() => (peakKib = peakOf(child.pid) ?? peakKib), POLL_MILLISECONDS);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", resolve);
  }).finally(() => clearInterval(look));
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}: ${messages}`);
  if (countFile !== undefined) output = await counted(countFile);
  return { seconds, peakMib: peakKib / 1024, output: output.trim() };
}

function peakOf(pid: number | undefined): number | undefined {
  try {
    const [, kib] =
      /^VmHWM:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return kib === undefined ? undefined : Number(kib);
  } catch {
    return undefined;
  }
}

function counted(file: string): Promise<string> {
  return pollUntil(
    () =>
      fs.existsSync(file) &&
      fs.readFileSync(file, "utf8").endsWith("\n") &&
      fs.readFileSync(file, "utf8"),
    { what: "wc's count", timeoutSeconds: 30 },
  );
}
