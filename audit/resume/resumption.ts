import type { Writable } from "node:stream";
import type { Notify } from "../../common/notify";
import type { TimeRange } from "../select/time-range";
import type { Source } from "../sources/source";
import { loadPositions, savePositions } from "./positions";
import { ResumingSource } from "./resuming-source";

/** A run that begins where the last one ended, and leaves to the next one where it ended. */
export class Resumption {
  readonly source: ResumingSource;
  readonly isFirst: boolean;

  /**
   * @param file with the positions; the first run creates it
   * @param range of the first run
   * @throws UserError if the file is damaged or of another trail, or the source can't be resumed
   */
  constructor(
    private readonly file: string,
    source: Source,
    range: TimeRange,
    private readonly notify: Notify,
  ) {
    const earlier = loadPositions(file);
    this.isFirst = earlier === undefined;
    this.source = new ResumingSource(source, earlier, range, notify);
  }

  /**
   * To be called after the output was written: a run that ends before shows its records again next time.
   * @param isComplete whether the whole trail was read, and somebody received the output
   */
  async save(stdout: Writable, isComplete: boolean): Promise<void> {
    if (isComplete && (await isWritten(stdout))) {
      await savePositions(this.file, this.source.positions);
    } else {
      this.notify(`${this.file} stays as it was: the next run shows these records again`);
    }
  }
}

/** Waits until what was written to the stream has left this process. */
function isWritten(stream: Writable): Promise<boolean> {
  return new Promise((resolve) => stream.write("", (error) => resolve(!error)));
}
