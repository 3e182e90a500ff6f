import { type PartName } from "./parts";
import { type Way } from "./ways";

/** When a part fails: in a lab that is up, or at a step of `./lab up` or `./lab down`. */
export const MOMENTS = [
  ...(["idle", "load"] as const),
  ...(["up:set-up", "up:server", "up:vm", "up:vm-step", "up:setting"] as const),
  ...(["down:setting", "down:vm-step", "down:vm", "down:server"] as const),
] as const;
export type Moment = (typeof MOMENTS)[number];

/** What `./lab up` or `./lab down` prints when the step begins. */
export const STEP_PATTERNS: Readonly<Partial<Record<Moment, RegExp>>> = {
  "up:set-up": /^❯ Local Azure/m,
  "up:server": /dbforpostgresql:Server postgres creating/,
  "up:vm": /compute:VirtualMachine vm creating/,
  "up:vm-step": /Command mount-install-blobfuse creating/,
  "up:setting": /monitor:DiagnosticSetting \S+ creating/,
  "down:setting": /monitor:DiagnosticSetting \S+ deleting/,
  "down:vm-step": /Command mount-mount-container deleting/,
  "down:vm": /compute:VirtualMachine vm deleting/,
  "down:server": /dbforpostgresql:Server postgres deleting/,
};

export const isUp = (moment: Moment): boolean => moment.startsWith("up:");
export const isDown = (moment: Moment): boolean => moment.startsWith("down:");

export interface Cell {
  readonly part: PartName;
  readonly moment: Moment;
  readonly way: Way;
}

const cells = (
  parts: readonly PartName[],
  moments: readonly Moment[],
  ways: readonly Way[],
): Cell[] =>
  moments.flatMap((moment) =>
    parts.flatMap((part) => ways.map((way): Cell => ({ part, moment, way }))),
  );

const USED = ["load", "idle"] as const;
const UP_STEPS = ["up:set-up", "up:server", "up:vm", "up:vm-step", "up:setting"] as const;
const DOWN_STEPS = ["down:setting", "down:vm-step", "down:vm", "down:server"] as const;

/** Cells that need neither a VM nor the engine. */
export const SMALL_CELLS: readonly Cell[] = [
  ...cells(["azurite", "postgres", "azure"], USED, ["kill", "stop", "cut"]),
  ...cells(["backend"], USED, ["kill", "stop"]),
  ...cells(["disk"], USED, ["full"]),
];

/** Of all combinations, those where a difference can be expected. */
export const WHOLE_CELLS: readonly Cell[] = [
  ...SMALL_CELLS,
  ...cells(["vm"], USED, ["kill", "stop"]),
  ...cells(["mount"], USED, ["kill", "stop", "full"]),
  ...cells(["sshd"], USED, ["kill", "cut"]),
  // What runs at every step of the engine.
  ...cells(["engine", "azure-native", "azure", "program"], UP_STEPS.slice(1), ["kill"]),
  ...cells(["azure"], ["up:set-up"], ["kill", "stop"]),
  ...cells(["random", "tls"], ["up:server"], ["kill"]),
  ...cells(["command"], ["up:vm-step"], ["kill", "stop"]),
  ...cells(["engine", "azure-native"], ["up:server", "up:vm"], ["stop"]),
  ...cells(["azurite", "postgres", "vm"], ["up:vm-step"], ["kill"]),
  ...cells(["sshd"], ["up:vm-step"], ["cut"]),
  ...cells(["azure"], ["up:vm"], ["cut"]),
  ...cells(["disk"], ["up:server", "up:vm-step"], ["full"]),
  ...cells(["engine", "azure-native", "azure"], DOWN_STEPS, ["kill"]),
  ...cells(["command", "vm"], ["down:vm-step"], ["kill"]),
];

/** `--quick`: each part killed under load, and the engine and the provider killed at the step that takes longest. */
export const QUICK_CELLS: readonly Cell[] = [
  ...cells(["azurite", "postgres", "azure", "vm", "mount", "sshd"], ["load"], ["kill"]),
  ...cells(["engine", "azure-native", "azure"], ["up:vm"], ["kill"]),
  ...cells(["engine"], ["down:vm"], ["kill"]),
];

/** What the matrix leaves out of all combinations, and why. */
export const LEFT_OUT = [
  "engine, program and provider plugins when the lab is idle or under load: they run during up and down only",
  "the log shipper by itself: it has no process of its own; killing local Azure kills it, cutting Azurite cuts its connections",
  "disk full for one part alone: all data is on one disk, the part `disk`; the mount's cache has a disk of its own",
  "steps of up and down with stop, cut and full: only where the part does the work of that step",
  "random and tls at steps without a random value or a key",
];
