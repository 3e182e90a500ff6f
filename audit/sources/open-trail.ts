import * as fs from "node:fs";
import { UserError } from "../../common/user-error";
import { type AuditOptions } from "../options";
import { type Source } from "./source";
import { FileSource } from "./file-source";
import { StdinSource } from "./stdin";

/** A source, and what is known of its lines before one is read. */
export interface OpenedSource {
  readonly source: Source;
  readonly logLinePrefix?: string;
}

type Place = Pick<
  AuditOptions,
  "paths" | "stack" | "containerUrl" | "connectTo" | "intervalSeconds"
>;

/**
 * Opens the trail that the options name: paths, a container, else the stack's.
 * @param notice takes what the user should know, a line each
 */
export async function openSource(
  { paths, stack, containerUrl, connectTo, intervalSeconds }: Place,
  env: NodeJS.ProcessEnv,
  notice: (line: string) => void,
): Promise<OpenedSource> {
  if (paths.length > 0) return { source: pathSource(paths, intervalSeconds, notice) };
  return azure().openStorage({ stack, containerUrl, connectTo, intervalSeconds }, env, notice);
}

/** Azure's libraries take longer to load than a file to read: only for who needs them. */
function azure(): typeof import("../open-storage") {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() of TypeScript takes tsx's slower loader
  return require("../open-storage") as typeof import("../open-storage");
}

function pathSource(
  paths: readonly string[],
  intervalSeconds: number,
  notice: (line: string) => void,
): Source {
  if (!paths.includes("-")) {
    const missing = paths.filter((path) => !fs.existsSync(path));
    if (missing.length > 0) throw new UserError(`There is no ${missing.join(", no ")}.`);
    return new FileSource({ paths, intervalSeconds, notice });
  }
  if (paths.length > 1)
    throw new UserError("- is standard input; it can't be read beside other paths.");
  return new StdinSource();
}
