import { Client } from "pg";
import { setTimeout as delay } from "node:timers/promises";
import { type Cell, isDown, isUp, STEP_PATTERNS } from "./cells";
import { type Comparison } from "./compare";
import { inject } from "./injection";
import { type LabUnderTest } from "./lab-under-test";
import { Load } from "./load";
import { type LogKeeper } from "./log-keeper";
import { blobRecords, settledComparison, unlogged } from "./trail";

/** Load before and after the fault, so that both sides of it are in the trail. */
const LOAD_SECONDS = 3;
const PROBE_SECONDS = 1;
/** A step that hangs ends the cell. */
const STEP_SECONDS = 600;

export interface CellResult {
  readonly cell: Cell;
  /** Whether `./lab up`, or what its message asked for, brought the lab back. */
  readonly survived: boolean;
  /** From the end of the fault until then. */
  readonly seconds: number;
  /** Undefined where the trail can't be read. */
  readonly blobs?: Comparison;
  /** Undefined for a lab without a VM. */
  readonly mount?: Comparison;
  /** Confirmed statements that the server's own log doesn't contain. */
  readonly unlogged: number;
  /** Statements that the server has confirmed. */
  readonly acknowledged: number;
  /** What was printed where it didn't survive; else why the trail couldn't be read. */
  readonly message: string;
}

export interface CellOptions {
  readonly stopSeconds: number;
}

/** Whether a result has no fault of the lab in it. */
export const isGood = ({ survived, message, blobs, mount }: CellResult): boolean =>
  // A message without a failure says that a trail couldn't be read.
  survived &&
  message === "" &&
  [blobs, mount].every((trail) => trail === undefined || isComplete(trail));

const isComplete = ({ lost, doubled, unknown, outOfOrder }: Comparison): boolean =>
  [lost, doubled, unknown, outOfOrder].every(({ length }) => length === 0);

export function runCell(
  lab: LabUnderTest,
  keeper: LogKeeper,
  cell: Cell,
  options: CellOptions,
): Promise<CellResult> {
  return isUp(cell.moment) || isDown(cell.moment)
    ? atStep(lab, keeper, cell, options)
    : inUse(lab, keeper, cell, options);
}

/** A fault in a lab that is up. */
async function inUse(
  lab: LabUnderTest,
  keeper: LogKeeper,
  cell: Cell,
  options: CellOptions,
): Promise<CellResult> {
  const from = keeper.lines().length;
  const connection = await lab.connection();
  const idle = new Client(connection);
  idle.on("error", () => undefined);
  await idle.connect();
  const load = new Load(connection, cell.moment === "load" ? undefined : 0);
  load.start();
  await delay(LOAD_SECONDS * 1000);
  try {
    await inject(lab, cell.part, cell.way, options);
    return await healed(lab, keeper, cell, from, load);
  } finally {
    await load.stop();
    await idle.end().catch(() => undefined);
  }
}

/** A fault at a step of `./lab up` or `./lab down`. */
async function atStep(
  lab: LabUnderTest,
  keeper: LogKeeper,
  cell: Cell,
  options: CellOptions,
): Promise<CellResult> {
  const pattern = STEP_PATTERNS[cell.moment];
  if (!pattern || !lab.startCommand) throw new Error(`${lab.kind} lab: no step ${cell.moment}`);
  const command = lab.startCommand(isUp(cell.moment) ? "up" : "down");
  await command.waitFor(pattern, STEP_SECONDS);
  await inject(lab, cell.part, cell.way, { ...options, root: command.child.pid });
  const hanging = setTimeout(() => void command.interrupt(), STEP_SECONDS * 1000);
  await command.child;
  clearTimeout(hanging);
  return healed(lab, keeper, cell, 0);
}

async function healed(
  lab: LabUnderTest,
  keeper: LogKeeper,
  cell: Cell,
  from: number,
  load?: Load,
): Promise<CellResult> {
  const start = performance.now();
  let survived = true;
  let message = "";
  await lab.heal().catch((error: unknown) => {
    survived = false;
    message = (error as Error).message;
  });
  const seconds = (performance.now() - start) / 1000;
  await load?.stop();
  const acknowledged = [...(load?.acknowledged ?? []), ...(survived ? await probe(lab) : [])];
  const compare = async (records: Parameters<typeof settledComparison>[1]) => {
    try {
      return await settledComparison(() => keeper.lines(), records, from, keeper.isDelivered);
    } catch (error) {
      message ||= `trail: ${(error as Error).message}`;
      return undefined;
    }
  };
  const blobs = await compare(() => blobRecords(lab.paths, lab.settings, lab.account));
  const mounted = lab.mountedRecords?.bind(lab);
  const mount = mounted && survived ? await compare(mounted) : undefined;
  const missing = unlogged(acknowledged, keeper.lines()).length;
  return {
    ...{ cell, survived, seconds, blobs, mount, message },
    ...{ unlogged: missing, acknowledged: acknowledged.length },
  };
}

/** Statements after the fault: they must arrive too. */
async function probe(lab: LabUnderTest): Promise<readonly string[]> {
  const load = new Load(await lab.connection(), 1);
  load.start();
  await delay(PROBE_SECONDS * 1000);
  await load.stop();
  return load.acknowledged;
}
