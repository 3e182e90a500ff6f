import { ProgramError } from "../config/program-error";

/** A reason why a resource that isn't the stack's doesn't fit the configuration, if it holds. */
export type Obstacle = readonly [holds: boolean, text: string];

export const obstacleTexts = (obstacles: readonly Obstacle[]): string[] =>
  obstacles.filter(([holds]) => holds).map(([, text]) => text);

/** @param key of the configuration, which names the resource */
export const unreadable = (key: string, what: string, error: Error): string =>
  `it can't be read; check ${key}, and the sign-in's role on the ${what}: ${error.message}`;

/**
 * Ends the program if there are problems.
 * @param what as the start of a sentence: which resource can't be used for what
 */
export function requireNoProblems(what: string, problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new ProgramError(`${what}:\n${problems.map((each) => `  - ${each}`).join("\n")}`);
}
