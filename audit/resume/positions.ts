import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { readFileIfExists } from "../../common/files";
import { isObject, parseJson } from "../../common/json";
import { NewFile } from "../../common/new-file";
import { UserError } from "../../common/user-error";

/** How far a file of the trail was read. */
export interface Position {
  /** The end of its last whole line that was read, in bytes. */
  readonly offset: number;
  /** Number of the bytes before the offset of which `sha256` is the hash: in another file they differ. */
  readonly checked: number;
  readonly sha256: string;
}

/** What a run leaves to the next one. */
export interface Positions {
  /** `Source.description`. */
  readonly trail: string;
  /** Earlier records weren't asked for, in the first run. */
  readonly since?: Date;
  /** When the last run began. */
  readonly readAt: Date;
  /** By the names of blobs or files. */
  readonly files: ReadonlyMap<string, Position>;
}

const VERSION = 1;

export const hashOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/**
 * @returns undefined if there is no file: the first run
 * @throws UserError if the file is damaged, or can't be read
 */
export function loadPositions(file: string): Positions | undefined {
  const text = textOf(file);
  if (text === undefined) return undefined;
  const positions = positionsOf(parseJson(text));
  if (positions) return positions;
  throw new UserError(
    `${file} is damaged, or isn't a file that --since-last wrote. Restore it, or delete it: without it the whole range ` +
      "is read again, also what was shown before.",
  );
}

/**
 * Replaces the file as a whole; readable by its owner only, as it contains the names of servers.
 * @throws UserError if it can't be written
 */
export async function savePositions(
  file: string,
  { trail, since, readAt, files }: Positions,
): Promise<void> {
  const content = { version: VERSION, trail, since, readAt, files: Object.fromEntries(files) };
  const text = `${JSON.stringify(content, null, 1)}\n`;
  try {
    await fs.mkdir(path.dirname(file), { recursive: true });
    const newFile = new NewFile({ option: "--since-last", file, replace: true });
    await newFile.create((part) => fs.writeFile(part, text));
  } catch (error) {
    throw new UserError(
      `${reasonOf(error)} The output is complete, but the next run will show its records again.`,
    );
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileIfExists(file);
  } catch (error) {
    throw new UserError(
      `${file} can't be read (${reasonOf(error)}); give --since-last another file.`,
    );
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

function positionsOf(content: unknown): Positions | undefined {
  if (!isObject(content) || content.version !== VERSION || !isObject(content.files))
    return undefined;
  const { trail, since, readAt } = content;
  const files = Object.entries(content.files);
  if (typeof trail !== "string" || !isTime(readAt)) return undefined;
  if (since !== undefined && !isTime(since)) return undefined;
  if (!files.every((entry): entry is [string, Position] => isPosition(entry[1]))) return undefined;
  return {
    trail,
    since: since === undefined ? undefined : new Date(since),
    readAt: new Date(readAt),
    files: new Map(files),
  };
}

function isPosition(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { offset, checked, sha256 } = value;
  const isCount = (number: unknown) => Number.isSafeInteger(number) && Number(number) > 0;
  return (
    isCount(offset) &&
    isCount(checked) &&
    Number(checked) <= Number(offset) &&
    typeof sha256 === "string"
  );
}

const isTime = (value: unknown): value is string =>
  typeof value === "string" && !Number.isNaN(Date.parse(value));
