import * as fs from "node:fs";
import { runningPid } from "../../common/child-process";
import { type LoadLab } from "./lab";

const SAMPLE_MILLISECONDS = 1000;

export const PROGRAMS = ["local Azure", "Azurite", "PostgreSQL"] as const;
export type Program = (typeof PROGRAMS)[number];

export interface Usage {
  /** In MiB; memory that processes share counts once. Means of the first and of the last quarter of the time. */
  readonly firstMib: number;
  readonly lastMib: number;
  readonly peakMib: number;
  readonly peakHandles: number;
  readonly lastHandles: number;
}

interface Sample {
  readonly mib: number;
  readonly handles: number;
}

/** Memory and open files of the lab's processes, once a second. */
export class Resources {
  private readonly samples = new Map<Program, Sample[]>(PROGRAMS.map((name) => [name, []]));
  private readonly timer = setInterval(() => this.sample(), SAMPLE_MILLISECONDS);

  constructor(private readonly lab: LoadLab) {}

  stop(): ReadonlyMap<Program, Usage> {
    clearInterval(this.timer);
    return new Map([...this.samples].map(([name, samples]) => [name, usageOf(samples)]));
  }

  private sample(): void {
    const { pidFiles } = this.lab.ready;
    const postmaster = runningPid(pidFiles.postgres);
    const pids: Readonly<Record<Program, readonly (number | undefined)[]>> = {
      "local Azure": [this.lab.pid],
      Azurite: [runningPid(pidFiles.azurite)],
      PostgreSQL: [postmaster, ...childrenOf(postmaster)],
    };
    for (const name of PROGRAMS) {
      const each = pids[name].filter((pid) => pid !== undefined).map(sampleOf);
      if (each.length > 0) this.samples.get(name)?.push(each.reduce(sum));
    }
  }
}

const sum = (one: Sample, other: Sample): Sample => ({
  mib: one.mib + other.mib,
  handles: one.handles + other.handles,
});

/** Zero for a process that has ended. */
function sampleOf(pid: number): Sample {
  try {
    const [, kib = "0"] =
      /^Pss:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? [];
    return { mib: Number(kib) / 1024, handles: fs.readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return { mib: 0, handles: 0 };
  }
}

function childrenOf(pid: number | undefined): number[] {
  try {
    const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    return children.split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function usageOf(samples: readonly Sample[]): Usage {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const mean = (part: readonly Sample[]) =>
    part.reduce((total, { mib }) => total + mib, 0) / Math.max(1, part.length);
  return {
    firstMib: mean(samples.slice(0, quarter)),
    lastMib: mean(samples.slice(-quarter)),
    peakMib: Math.max(0, ...samples.map(({ mib }) => mib)),
    peakHandles: Math.max(0, ...samples.map(({ handles }) => handles)),
    lastHandles: samples.at(-1)?.handles ?? 0,
  };
}
