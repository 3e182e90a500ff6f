import { StringDecoder } from "node:string_decoder";
import type { CommandOutput, Run } from "./command";

type Stream = "stdout" | "stderr";

/**
 * The longest line that the real plugin reads, in bytes: it logs through a bufio.Scanner, whose 64 KiB contain the line
 * feed. After a longer line it reads no more, and the command waits for ever with its next write.
 */
const LONGEST_LINE_BYTES = 64 * 1024 - 1;
/** How much of a longer line its error shows. */
const SHOWN_CHARACTERS = 100;

/**
 * Collects the output of a command, and shows each line at once as an ephemeral message, which is not repeated after the
 * update. As in the real plugin, both streams are logged as one. Source: LogOutput in provider/pkg/provider/util/util.go of
 * pulumi/pulumi-command.
 */
export class OutputCollector {
  private readonly text = { stdout: "", stderr: "", both: "" };
  private readonly decoders = { stdout: new StringDecoder(), stderr: new StringDecoder() };
  private unfinished = "";
  /** The beginning of the first line that the real plugin couldn't read. */
  private tooLong?: string;

  constructor(private readonly run: Run) {}

  add(stream: Stream, data: Buffer): void {
    const text = this.decoders[stream].write(data);
    this.text[stream] += text;
    this.text.both += text;
    if (!this.isLogged(stream)) return;
    const lines = `${this.unfinished}${text}`.split("\n");
    this.unfinished = lines.pop() ?? "";
    for (const line of lines) this.show(line);
  }

  /**
   * The result, once the command has ended successfully.
   * @throws Error for a line with which the real plugin never ends
   */
  finish(command: string): CommandOutput {
    this.end();
    const { stdout, stderr } = this.text;
    if (this.tooLong !== undefined) throw tooLongError(this.tooLong, command);
    return { stdout: stdout.replace(/\n$/, ""), stderr: stderr.replace(/\n$/, "") };
  }

  /** The real plugin's error: the reason, the command, and all of its output. */
  failure(reason: string, command: string): Error {
    this.end();
    if (this.tooLong !== undefined) return tooLongError(this.tooLong, command);
    return new Error(`${reason}: running ${goQuote(command)}:\n${this.text.both}`);
  }

  private end(): void {
    if (this.unfinished !== "") this.show(this.unfinished);
    this.unfinished = "";
  }

  private show(line: string): void {
    if (Buffer.byteLength(line) > LONGEST_LINE_BYTES) {
      this.tooLong ??= line.slice(0, SHOWN_CHARACTERS);
    } else this.run.log.status(line.replace(/\r$/, ""));
  }

  private isLogged(stream: Stream): boolean {
    const { logging } = this.run.inputs;
    return (
      logging === undefined ||
      logging === null ||
      logging === stream ||
      logging === "stdoutAndStderr"
    );
  }
}

function tooLongError(beginning: string, command: string): Error {
  return new Error(
    `the command printed a line of more than ${LONGEST_LINE_BYTES} bytes, with which Pulumi's command plugin waits for ever; ` +
      `shorten it, or set \`logging\` to "none": running ${goQuote(command)}:\n${beginning}...`,
  );
}

/** A string in the format of Go's %q, which differs from JSON in the escapes of control characters. */
function goQuote(text: string): string {
  return JSON.stringify(text).replace(/\\u00([01][0-9a-f])|\x7f/g, (_, hex?: string) =>
    hex === undefined ? "\\x7f" : `\\x${hex}`,
  );
}
