import type { z } from "zod";
import { readFileIfExists } from "./files";
import { parseJson } from "./json";
import { systemReason } from "./system-reason";
import { UserError } from "./user-error";

/** For the message about a file that is damaged. */
export interface JsonFileDescription {
  /** What the file contains: `the lab's ports and identifiers`. */
  readonly content: string;
  /** What to do, as sentences. */
  readonly remedy: string;
}

/**
 * A file of JSON, checked; undefined where there is none.
 * @throws UserError that names the file, what is wrong with it, its content and the remedy; the file is not changed
 */
export function readJsonFile<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  { content, remedy }: JsonFileDescription,
): z.output<Schema> | undefined {
  const damaged = (problem: string) =>
    new UserError(`${file} is damaged: ${problem}.\nIt contains ${content}. ${remedy}`);
  let text: string | undefined;
  try {
    text = readFileIfExists(file);
  } catch (error) {
    throw new UserError(
      `${file} can't be read: ${systemReason(error)}.\nIt contains ${content}. Make it a file that this user can read, then try again.`,
    );
  }
  if (text === undefined) return undefined;
  if (text.trim() === "") throw damaged("it is empty");
  const value = parseJson(text);
  if (value === undefined) throw damaged("it isn't JSON; it may have been cut");
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.map(String).join(".") || "the whole"}: ${message}`,
  );
  throw damaged(`it has other content, perhaps of another version (${problems.join("; ")})`);
}
