import { type Readable } from "node:stream";
import { type Chunk, type Source } from "./source";

/** The trail that comes by standard input, up to its end; a time range doesn't shorten the reading. */
export class StdinSource implements Source {
  readonly description = "standard input";

  constructor(private readonly input: Readable = process.stdin) {}

  async *read(_range: unknown, signal: AbortSignal): AsyncIterable<Chunk> {
    const file = { name: "<stdin>" };
    let offset = 0;
    const stop = () => this.input.destroy();
    signal.addEventListener("abort", stop, { once: true });
    try {
      for await (const bytes of this.input as AsyncIterable<Buffer>) {
        yield { file, offset, bytes };
        offset += bytes.length;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }
}
