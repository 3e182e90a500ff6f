import { StringDecoder } from "node:string_decoder";
import type { CommandOutput, Run } from "./command";

type Stream = "stdout" | "stderr";

/**
 * Collects the output of a command, and shows each line at once as an ephemeral message, which is not repeated after the
 * update. Source: LogOutput in provider/pkg/provider/util/util.go of pulumi/pulumi-command.
 */
export class OutputCollector {
  private readonly text = { stdout: "", stderr: "", both: "" };
  private readonly unfinished = { stdout: "", stderr: "" };
  private readonly decoders = { stdout: new StringDecoder(), stderr: new StringDecoder() };

  constructor(private readonly run: Run) {}

  add(stream: Stream, data: Buffer): void {
    const text = this.decoders[stream].write(data);
    this.text[stream] += text;
    this.text.both += text;
    if (!this.isLogged(stream)) return;
    const lines = `${this.unfinished[stream]}${text}`.split("\n");
    this.unfinished[stream] = lines.pop() ?? "";
    for (const line of lines) this.show(line);
  }

  /** The result, once the command has ended. */
  finish(): CommandOutput {
    for (const rest of Object.values(this.unfinished)) if (rest !== "") this.show(rest);
    const { stdout, stderr } = this.text;
    return { stdout: stdout.replace(/\n$/, ""), stderr: stderr.replace(/\n$/, "") };
  }

  /** The real plugin's error: the reason, the command, and all of its output. */
  failure(reason: string, command: string): Error {
    this.finish();
    return new Error(`${reason}: running ${goQuote(command)}:\n${this.text.both}`);
  }

  private show(line: string): void {
    this.run.log.status(line.replace(/\r$/, ""));
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

/** A string in the format of Go's %q, which differs from JSON in the escapes of control characters. */
function goQuote(text: string): string {
  return JSON.stringify(text).replace(/\\u00([01][0-9a-f])|\x7f/g, (_, hex?: string) =>
    hex === undefined ? "\\x7f" : `\\x${hex}`,
  );
}
