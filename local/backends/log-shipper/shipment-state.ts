import * as fs from "node:fs";
import { z } from "zod";
import { readJsonFile } from "../../../common/json-file";
import { NewFile } from "../../../common/new-file";
import { REPLACE_LAB } from "../../paths";

const POSITION = z.object({ file: z.string(), offset: z.number() });

const APPEND = z.object({
  account: z.string(),
  /** The blob of the lines' hour. */
  hour: z.string(),
  /** Where they go: the same blob, or a later hour's if that one takes no more. */
  blob: z.string(),
  /** The part of the hour's text, in bytes. */
  skip: z.number(),
  bytes: z.number(),
  /** The blob's length before the append. */
  from: z.number(),
});

const STEP = z.object({
  /** Its lines are those between the step before and this position. */
  position: POSITION,
  /** The log_line_prefix at that time: the same lines give the same text again. */
  logLinePrefix: z.string(),
  appends: z.array(APPEND),
});

const STATE = z.object({
  /** All lines before it are in their blobs for good. */
  shipped: POSITION.optional(),
  /** The numbers of lines at that position. */
  furtherLines: z.record(z.string(), z.number()).default({}),
  /** The appends after it: planned, or done so recently that the storage may lose them when it is killed. */
  steps: z.array(STEP).default([]),
});

/** Where one stretch of an hour's lines goes in one account. */
export type Append = z.infer<typeof APPEND>;
/** What is appended for one chunk of the log. */
export type Step = z.infer<typeof STEP>;
export type ShipmentState = z.infer<typeof STATE>;

/** Files before version 0.2 have the text of the appends that were under way. */
const UNDER_WAY = z.object({
  shipped: POSITION.optional(),
  furtherLines: z.record(z.string(), z.number()).optional(),
  underWay: z.object({
    position: POSITION,
    appends: z.array(
      z.object({ account: z.string(), blob: z.string(), from: z.number(), text: z.string() }),
    ),
  }),
});

/**
 * @param logLinePrefix for a file of an earlier version
 * @throws UserError if the file is damaged: without the positions, lines would be missing or twice in the blobs
 */
export function readShipmentState(file: string, logLinePrefix = ""): ShipmentState {
  const data = readJsonFile(file, z.union([UNDER_WAY, STATE]), {
    content: "which lines of the log are in the blobs",
    remedy: REPLACE_LAB,
  });
  if (data === undefined) return STATE.parse({});
  if (!("underWay" in data)) return data;
  const { position, appends } = data.underWay;
  const planned = appends.map(({ text, blob, ...append }) => ({
    ...append,
    ...{ blob, hour: blob, skip: 0, bytes: Buffer.byteLength(text) },
  }));
  const steps = [{ position, logLinePrefix, appends: planned }];
  return { shipped: data.shipped, furtherLines: data.furtherLines ?? {}, steps };
}

/** @throws UserError if the file can't be written; the earlier one is unchanged */
export async function writeShipmentState(file: string, state: ShipmentState): Promise<void> {
  await new NewFile({ option: "log shipper", file, replace: true }).create((part) =>
    fs.promises.writeFile(part, JSON.stringify(state)),
  );
}
