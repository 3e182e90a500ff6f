import { UserError } from "../../common/user-error";
import type { Chunk, SourceFile } from "./source";
import { type UnreadableFiles, untilUnreadable } from "./unreadable";

/** Reads files one after the other, and goes on after one that can't be read. */
export class FileReader {
  private isAnyRead = false;

  /** @param unreadable receives files that can't be read; undefined if any of these ends the reading */
  constructor(private readonly unreadable: UnreadableFiles | undefined) {}

  async *read(files: readonly SourceFile[]): AsyncIterable<Chunk> {
    const { unreadable } = this;
    for (const file of files) {
      const before = unreadable?.count;
      const chunks = unreadable ? untilUnreadable(file.read(), unreadable) : file.read();
      for await (const chunk of chunks) {
        this.isAnyRead = true;
        yield chunk;
      }
      this.isAnyRead ||= unreadable?.count === before;
    }
  }

  /** To be called after the reading. @throws UserError if no file could be read */
  check(): void {
    const count = this.unreadable?.count ?? 0;
    if (!this.isAnyRead && count > 0) throw new UserError("No file could be read.");
  }
}
