import { z } from "zod";

/** A text of a pattern. */
export const text = (pattern: RegExp, rule: string) => z.string().regex(pattern, { error: rule });

/** A whole number within bounds; each mistake has the same message. */
export const wholeNumber = (low: number, high: number, rule: string) =>
  z.int({ error: rule }).min(low, { error: rule }).max(high, { error: rule });

export const oneOf = <const Word extends string>(words: readonly [Word, ...Word[]]) =>
  z.enum(words, { error: `one of ${words.join(", ")}` });

/** Adds the problem that `problemOf` returns, if any. */
export const ruledBy =
  <T>(problemOf: (value: T) => string | undefined) =>
  (value: T, context: z.RefinementCtx): void => {
    const problem = problemOf(value);
    if (problem) context.addIssue({ code: "custom", message: problem });
  };

export const textBy = (problemOf: (value: string) => string | undefined) =>
  z.string().superRefine(ruledBy(problemOf));

export const list = (problemOf: (entry: string) => string | undefined) =>
  z.array(textBy(problemOf));

/** Reports the problem of a key that only several keys together show. */
export type Report = (key: string, problem: string) => void;
