import * as path from "node:path";
import type { Readable } from "node:stream";
import type { Notify } from "../../common/notify";
import { terminalText } from "../output/terminal-text";
import type { TimeRange } from "../select/time-range";
import { expanded } from "./compression";
import { FileReader } from "./file-reader";
import { findFiles, type FoundFiles } from "./find-files";
import { checkCanGrow, GrowingLocalFiles } from "./growing-files";
import { follow } from "./growth";
import { readLocalFile, streamBytes } from "./local-files";
import { parseHourBlob, serverName } from "./hours";
import type { Chunk, ShowRecent, Source, SourceFile } from "./source";
import { unreadable, UnreadableFile, UnreadableFiles, untilUnreadable } from "./unreadable";

/** Of files that aren't read by intention, this number is named. */
const NAMES_SHOWN = 3;

export interface FileSourceOptions {
  /** Files and folders: the mounted container, a download of it, or any folder with files of the trail. */
  readonly paths: readonly string[];
  /** Whether to read a server's folder in Azure's layout, by the server's name. @default all */
  readonly isServerWanted?: (name: string) => boolean;
  /** @default the clock */
  readonly now?: () => Date;
  /** Between two polls while following. @default 0.5 */
  readonly intervalSeconds?: number;
  readonly notify: Notify;
}

/** The trail in files of this machine, or on a mount. */
export class FileSource implements Source {
  readonly unreadable: UnreadableFiles;
  private hasReported = false;

  constructor(private readonly options: FileSourceOptions) {
    this.unreadable = new UnreadableFiles(options.notify);
  }

  get description(): string {
    return this.options.paths.map(terminalText).join(", ");
  }

  /** @throws UserError if a given path doesn't exist, or no file could be read */
  async *read(range: TimeRange, signal: AbortSignal): AsyncIterable<Chunk> {
    const reader = new FileReader(this.unreadable);
    yield* reader.read(await this.files(range, signal));
    reader.check();
  }

  async files(range: TimeRange, signal?: AbortSignal): Promise<readonly SourceFile[]> {
    const found = await this.find(range, signal);
    this.report(found);
    return found.files.map((file) => ({
      ...file,
      read: (fromByte) => readLocalFile(file, { fromByte, signal }),
    }));
  }

  async *follow(
    range: TimeRange,
    signal: AbortSignal,
    showRecent?: ShowRecent,
  ): AsyncIterable<Chunk> {
    const { paths, notify, now = () => new Date(), intervalSeconds = 0.5 } = this.options;
    await checkCanGrow(paths);
    const files = new GrowingLocalFiles({
      paths,
      now,
      signal,
      find: async (since) => {
        const found = await this.find({ since }, signal);
        this.report(found);
        return found;
      },
    });
    await files.list();
    notify(`following ${this.followed(files)}`);
    yield* follow({
      files,
      readBefore: range.since || range.all ? this.readBefore(range, signal) : undefined,
      showRecent,
      isTransient: () => true,
      concernsOneFile: (error) => error instanceof UnreadableFile,
      unavailable: (reason) => `the files can't be read now (${reason}); waiting for them`,
      availableAgain: "the files can be read again",
      ...{ intervalSeconds, now, notify, signal },
    });
  }

  private async *readBefore(range: TimeRange, signal: AbortSignal): AsyncIterable<Chunk> {
    for (const file of await this.files(range, signal)) {
      yield* untilUnreadable(file.read(), this.unreadable);
    }
  }

  /** Names what isn't read, once. */
  private report({ problems, others, linkedFolders }: FoundFiles): void {
    for (const problem of problems) this.unreadable.add(problem);
    if (this.hasReported) return;
    this.hasReported = true;
    const { notify } = this.options;
    if (others.length > 0) {
      notify(
        `${counted(others.length, "file")} not read, by name or first bytes no trail; give a file itself to read it: ${someNames(others)}`,
      );
    }
    if (linkedFolders.length > 0) {
      notify(
        `${counted(linkedFolders.length, "linked folder")} not read, as links may lead in a circle; give a folder itself to read it: ${someNames(linkedFolders)}`,
      );
    }
  }

  private followed({ resources, others }: GrowingLocalFiles): string {
    const parts = [
      ...(resources.size > 0 ? [plural(resources.size, "server")] : []),
      ...(others.length > 0 ? [plural(others.length, "file")] : []),
    ];
    return `${parts.join(" and ") || "files that will come"} in ${this.description}`;
  }

  private async find(range: TimeRange, signal?: AbortSignal): Promise<FoundFiles> {
    const { paths, isServerWanted = () => true } = this.options;
    const { files, ...others } = await findFiles(paths, range, signal);
    const wanted = files.filter(({ path: file }) => {
      const name = serverName(parseHourBlob(file)?.resource ?? "");
      return name === undefined || isServerWanted(name);
    });
    return { ...others, files: wanted };
  }
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const counted = (count: number, noun: string): string =>
  `${plural(count, noun)} ${count === 1 ? "was" : "were"}`;

function someNames(files: readonly string[]): string {
  const names = files.slice(0, NAMES_SHOWN).map((file) => terminalText(path.basename(file)));
  const more = files.length - names.length;
  return names.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** The trail from standard input, up to its end; a time range doesn't shorten the reading. */
export class StdinSource implements Source {
  readonly description = "standard input";
  readonly unreadable: UnreadableFiles;

  constructor(
    private readonly input: Readable = process.stdin,
    notify: Notify = () => undefined,
  ) {
    this.unreadable = new UnreadableFiles(notify);
  }

  async *read(_range: unknown, signal: AbortSignal): AsyncIterable<Chunk> {
    const file = { name: "<stdin>" };
    let offset = 0;
    try {
      for await (const bytes of expanded(streamBytes(this.input, signal))) {
        yield { file, offset, bytes };
        offset += bytes.length;
      }
    } catch (error) {
      const problem = unreadable(error, file.name);
      if (!(problem instanceof UnreadableFile) || offset === 0) throw problem;
      this.unreadable.add(problem);
    }
  }
}
