import * as path from "node:path";
import { z } from "zod";
import { writeFile } from "../../../common/files";
import { readJsonFile } from "../../../common/json-file";
import { type LabPaths, REPLACE_LAB } from "../../paths";

/** Which blobs a rule of an account's lifecycle policy deletes. */
const LIFECYCLE_RULE = z.object({
  /** Days after which a blob is deleted; `since` says after what. */
  days: z.number(),
  since: z.enum(["modification", "creation"]),
  /** Azure's names: appendBlob, blockBlob. */
  blobTypes: z.array(z.string()),
  /** Beginnings of `<container>/<blob>`; without any, all blobs. */
  prefixes: z.array(z.string()),
});
export type LifecycleRule = z.infer<typeof LIFECYCLE_RULE>;

/** A container's time-based immutability. */
const IMMUTABILITY = z.object({ days: z.number(), allowsAppends: z.boolean() });
export type Immutability = z.infer<typeof IMMUTABILITY>;

const STATE = z.object({
  /** When the clock of the storage was put forward, in milliseconds since 1970, and how far. */
  moves: z.array(z.object({ at: z.number(), days: z.number() })),
  /** By account and container. */
  immutable: z.record(z.string(), z.record(z.string(), IMMUTABILITY)),
  /** By account. */
  lifecycle: z.record(z.string(), z.array(LIFECYCLE_RULE)),
});
type State = z.infer<typeof STATE>;

const DAY_MILLISECONDS = 24 * 60 * 60_000;

/** What the storage accounts keep and for how long. Azurite reads the file before each change: `retention.js`. */
export class StorageRetention {
  readonly file: string;

  constructor({ storage }: Pick<LabPaths, "storage">) {
    this.file = path.join(storage, "retention.json");
  }

  /** How old what was written at a time is, by the clock of the storage. */
  ageDays(time: Date): number {
    const since = time.getTime();
    const passed = this.state().moves.map(({ at, days }) => (at > since ? days : 0));
    return passed.reduce((sum, days) => sum + days, (Date.now() - since) / DAY_MILLISECONDS);
  }

  /** Puts the clock forward, so that what is there is older. */
  passDays(days: number): void {
    const state = this.state();
    this.save({ ...state, moves: [...state.moves, { at: Date.now(), days }] });
  }

  immutability(account: string, container: string): Immutability | undefined {
    return this.state().immutable[account]?.[container];
  }

  setImmutability(account: string, container: string, immutability?: Immutability): void {
    const state = this.state();
    const { [container]: _before, ...others } = state.immutable[account] ?? {};
    const containers = immutability ? { ...others, [container]: immutability } : others;
    this.save({ ...state, immutable: { ...state.immutable, [account]: containers } });
  }

  lifecycle(account: string): readonly LifecycleRule[] {
    return this.state().lifecycle[account] ?? [];
  }

  setLifecycle(account: string, rules: LifecycleRule[]): void {
    const state = this.state();
    this.save({ ...state, lifecycle: { ...state.lifecycle, [account]: rules } });
  }

  forget(account: string): void {
    const { [account]: _immutable, ...immutable } = this.state().immutable;
    const { [account]: _lifecycle, ...lifecycle } = this.state().lifecycle;
    this.save({ ...this.state(), immutable, lifecycle });
  }

  private state(): State {
    const content = "the retention of the storage accounts";
    return (
      readJsonFile(this.file, STATE, { content, remedy: REPLACE_LAB }) ?? {
        moves: [],
        immutable: {},
        lifecycle: {},
      }
    );
  }

  private save(state: State): void {
    writeFile(this.file, JSON.stringify(state));
  }
}
