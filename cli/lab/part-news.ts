import { localAzurePid } from "../../local/azure/start-stop";
import { readEvents } from "../../local/azure/supervision/journal";
import { eventName, type PartEvent } from "../../local/azure/supervision/part";
import { LabPaths } from "../../local/paths";
import { isLocalStack } from "./names";

const INTERVAL_MILLISECONDS = 1000;

/** The lab of a stack; undefined for a stack that isn't on this machine. */
export const labPathsOf = (stack: string): LabPaths | undefined =>
  isLocalStack(stack) ? new LabPaths() : undefined;

/**
 * From now on prints one line to standard error for each part of the lab that ended, was started again, or failed.
 * @param paths undefined: no news
 * @returns what ends it
 */
export function startPartNews(paths: LabPaths | undefined, print = printLine): () => void {
  if (!paths) return () => undefined;
  const news = new PartNews(paths);
  const printNews = () => news.next().forEach((line) => print(line));
  const timer = setInterval(printNews, INTERVAL_MILLISECONDS).unref();
  return () => {
    clearInterval(timer);
    printNews();
  };
}

/** Prints the news while the work goes on. */
export async function withPartNews<T>(
  paths: LabPaths | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const end = startPartNews(paths);
  try {
    return await work();
  } finally {
    end();
  }
}

/** ssh may have put the terminal into raw mode, in which a newline alone doesn't begin the line. */
function printLine(line: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r${line}\r\n` : `${line}\n`);
}

/** The events since the last call, as lines. */
export class PartNews {
  private last: string | undefined;
  private hasReportedEnd = false;

  constructor(private readonly paths: LabPaths) {
    this.last = texts(paths).at(-1);
  }

  next(): string[] {
    const all = texts(this.paths);
    // The journal may have been cut meanwhile.
    const added = this.last === undefined ? all : all.slice(all.lastIndexOf(this.last) + 1);
    this.last = all.at(-1) ?? this.last;
    const events = added.map((text) => JSON.parse(text) as PartEvent);
    return [...events.filter(isNews).map(lineOf), ...this.endOfLocalAzure()];
  }

  /** Nobody else would say that local Azure was killed. */
  private endOfLocalAzure(): string[] {
    if (localAzurePid(this.paths) !== undefined) {
      this.hasReportedEnd = false;
      return [];
    }
    const wasStopped = readEvents(this.paths).at(-1)?.state === "stopped";
    if (this.hasReportedEnd || wasStopped) return [];
    this.hasReportedEnd = true;
    return ["[lab] local Azure has ended; its parts aren't watched. `./lab up` starts it again."];
  }
}

const texts = (paths: LabPaths): string[] =>
  readEvents(paths).map((event) => JSON.stringify(event));

/** A part that was created is no news. */
const isNews = ({ part, state, text }: PartEvent): boolean =>
  state !== "starting" && (text !== "is up" || part === "local Azure");

const lineOf = (event: PartEvent): string =>
  `[lab] ${eventName(event)} ${event.text.split("\n")[0]}`;
