import type { Place } from "./numbered-line";

/**
 * `gap`: numbers between two lines are missing. `repeat`: a number was seen twice. `beginning`: the session's first lines
 * are missing. `end`: its last lines may be missing. `imitation`: an entry that may not be pgAudit's.
 */
export type FindingKind = "gap" | "repeat" | "beginning" | "end" | "imitation";

/** The names are the keys of the JSON output. */
export interface Finding {
  readonly kind: FindingKind;
  readonly explained: boolean;
  /** What is missing or strange, and why that may be. */
  readonly reason: string;
  readonly server: string | null;
  /** %c, or `process 4711`. */
  readonly session: string;
  readonly user: string | null;
  /** The first and the last number that is missing or repeated; null for an end. */
  readonly from_number: number | null;
  readonly to_number: number | null;
  /** The line before. */
  readonly before: Place | null;
  /** The line after, or the line itself. */
  readonly after: Place | null;
}

export const timeOf = ({ before, after }: Finding): string => (before ?? after)?.time ?? "";
