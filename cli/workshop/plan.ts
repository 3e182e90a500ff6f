import * as fs from "node:fs";
import { databaseLoginProblem } from "../../common/database-login";
import { systemReason } from "../../common/system-reason";
import { UserError } from "../../common/user-error";
import { workshopStackName } from "../lab/names";

/** A stack of a workshop, and who works on it. */
export interface PlannedStack {
  readonly stack: string;
  readonly attendees: readonly string[];
}

/** Azure's default for storage accounts of a subscription in a region, of which each stack has one. Source: Azure's "Azure Storage limits". */
const MOST_ATTENDEES = 250;

/**
 * The names of `--attendees`: a number of them (`attendee01` and so on), a list with commas, or `@FILE` with a name a line.
 * @throws UserError that lists every name that can't be one
 */
export function attendeeNames(words: string): string[] {
  const names = /^\d+$/.test(words) ? numbered(Number(words)) : split(words);
  const problems = [
    ...names.flatMap((name) => {
      const problem = databaseLoginProblem(name);
      return problem === undefined ? [] : [`"${name}": ${problem}`];
    }),
    ...[...new Set(names.filter((name, index) => names.indexOf(name) !== index))].map(
      (name) => `"${name}" is there twice`,
    ),
  ];
  if (names.length === 0) problems.push("it has no name");
  if (names.length > MOST_ATTENDEES) {
    problems.push(`it has ${names.length} names; at most ${MOST_ATTENDEES} are possible`);
  }
  if (problems.length === 0) return names;
  throw new UserError(
    `--attendees takes a number, names with commas between them, or @FILE with a name a line:\n  ${problems.join("\n  ")}`,
  );
}

function numbered(count: number): string[] {
  const width = Math.max(2, String(count).length);
  const most = Math.min(count, MOST_ATTENDEES + 1);
  return Array.from({ length: most }, (_, i) => `attendee${String(i + 1).padStart(width, "0")}`);
}

function split(words: string): string[] {
  const text = words.startsWith("@") ? readNames(words.slice(1)) : words;
  return text
    .split(/[\n,]/)
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function readNames(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`--attendees: ${file} can't be read: ${systemReason(error)}.`);
  }
}

/** A stack for each attendee, or one for all. @param base the stack with the workshop's configuration */
export function planStacks(
  base: string,
  names: readonly string[],
  shared: boolean,
): PlannedStack[] {
  if (shared) return [{ stack: workshopStackName(base), attendees: names }];
  return names.map((name) => ({ stack: workshopStackName(base, name), attendees: [name] }));
}
