import { type Writable } from "node:stream";

/** A stream that may be a terminal. */
export type TerminalStream = Writable & {
  readonly isTTY?: boolean;
  /** The terminal's width in characters. */
  readonly columns?: number;
};
