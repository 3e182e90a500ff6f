import { type ContainerClient } from "@azure/storage-blob";
import { appendAt, BlobChangedError, blobHas, BlobEndedError, blobLength } from "./append-blob";
import { BlobEnds, endOf, place } from "./blob-ends";
import { type FurtherLines } from "./line-numbers";
import { type LogPosition } from "./log-files";
import { nextBlobName } from "./record";
import { type Append, readShipmentState, type Step, writeShipmentState } from "./shipment-state";

/**
 * For so long the storage may lose an append that it has confirmed: Azurite writes its list of blocks to the disk every 5
 * seconds, and after SIGKILL it has the last written one. Seen with 3.35.0: 42,000 bytes before, 40,000 after. Azure
 * loses none.
 */
const UNSAFE_MILLISECONDS = 30_000;

/** Containers by storage account. */
export type Containers = ReadonlyMap<string, ContainerClient>;

/** The text of a chunk of the log, by the blob of its hour. */
export interface Rendered {
  readonly texts: ReadonlyMap<string, Buffer>;
  /** The state of LineNumbers after these lines. */
  readonly furtherLines: FurtherLines;
}

/** Where a step's lines are in the log, and what their text depends on. */
export interface StepLines extends Pick<Step, "position" | "logLinePrefix"> {
  readonly before: LogPosition | undefined;
  readonly furtherLines: FurtherLines;
}

export interface ShipmentOptions {
  /** Stores how far the log is shipped. */
  readonly stateFile: string;
  /** The text of the lines again, or undefined if the log no longer has them. */
  readonly render: (lines: StepLines) => Rendered | undefined;
  /** Receives what the storage lost or somebody changed. */
  readonly notify: (problem: string) => void;
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number;
}

interface PendingStep extends Step {
  appends: Append[];
  furtherLines: FurtherLines;
  /** When the last append was confirmed. */
  doneAt?: number;
}

/**
 * Appends lines to blobs, each exactly once in each container, whatever is killed. The appends of a chunk, with the length
 * of each blob before them, are recorded before they start, and kept until the storage can't lose them any more. The
 * lengths that the blobs have show which of them are missing; their text is read from the log again.
 */
export class Shipment {
  private shipped: LogPosition | undefined;
  private furtherLines: FurtherLines;
  private steps: PendingStep[] = [];
  private readonly ends = new BlobEnds();
  private isChecked = false;

  /** @param logLinePrefix for a state file without one */
  constructor(
    private readonly options: ShipmentOptions,
    logLinePrefix = "",
  ) {
    const { shipped, furtherLines, steps } = readShipmentState(options.stateFile, logLinePrefix);
    this.shipped = shipped;
    this.furtherLines = furtherLines;
    for (const step of steps) {
      const { position, furtherLines } = this.last;
      const again = options.render({ ...step, before: position, furtherLines });
      this.steps.push({ ...step, furtherLines: again?.furtherLines ?? furtherLines });
    }
  }

  /** The next lines begin there. */
  get position(): LogPosition | undefined {
    return this.last.position;
  }

  /** For LineNumbers, at that position. */
  get nextFurtherLines(): FurtherLines {
    return this.last.furtherLines;
  }

  /** No line before it is needed any more. */
  get keptFrom(): LogPosition | undefined {
    return this.shipped;
  }

  /** Whether something failed, so that lines may be missing. */
  get isBroken(): boolean {
    return !this.isChecked && this.steps.length > 0;
  }

  /** Whether the storage may still lose lines. */
  get isUnsafe(): boolean {
    return this.steps.length > 0;
  }

  private get last(): { position: LogPosition | undefined; furtherLines: FurtherLines } {
    return this.steps.at(-1) ?? { position: this.shipped, furtherLines: this.furtherLines };
  }

  /** Completes what is missing after a failure; otherwise does nothing. */
  async resume(containers: Containers): Promise<void> {
    if (this.isBroken) await this.check(containers);
  }

  /** Compares the blobs with the recorded appends, and appends what is missing, except in containers that are gone. */
  async check(containers: Containers): Promise<void> {
    this.isChecked = false;
    let isMoved = false;
    for (const [account, container] of containers) {
      const blobs = new Set(this.appendsOf(account).map(({ blob }) => blob));
      for (const blob of blobs) isMoved = (await this.compare(container, account, blob)) || isMoved;
    }
    if (isMoved) await this.save(this.steps);
    for (const step of this.steps) {
      if (step.appends.some((append) => this.missing(containers, append) > 0)) {
        const rendered = this.renderAgain(step);
        if (rendered) await this.carryOut(containers, step, rendered.texts);
        step.doneAt = this.options.now();
      }
      step.doneAt ??= this.options.now();
    }
    this.isChecked = true;
    if (this.forgetSafe()) await this.save(this.steps);
  }

  /**
   * Appends the lines between the last position and this one; skips them if there is no container.
   * @throws Error after which `resume` continues
   */
  async ship(
    containers: Containers,
    { texts, furtherLines }: Rendered,
    { position, logLinePrefix }: Pick<Step, "position" | "logLinePrefix">,
  ): Promise<void> {
    const appends = await this.plan(containers, texts);
    const step: PendingStep = { position, logLinePrefix, appends, furtherLines };
    await this.save([...this.steps, step]);
    this.steps.push(step);
    this.isChecked = false;
    try {
      await this.carryOut(containers, step, texts);
    } catch (error) {
      if (!(error instanceof BlobChangedError)) throw error;
      await this.check(containers);
    }
    this.isChecked = true;
    step.doneAt = this.options.now();
    // Recorded with the next step: until then, a new process only checks more.
    this.forgetSafe();
  }

  private async plan(containers: Containers, texts: Rendered["texts"]): Promise<Append[]> {
    const appends: Append[] = [];
    for (const [account, container] of containers) {
      for (const [hour, { length: bytes }] of texts) {
        const blob = this.ends.target(account, hour);
        const planned = appends.findLast((each) => each.account === account && each.blob === blob);
        const length = this.ends.lengthOf(account, blob) ?? (await blobLength(container, blob));
        this.ends.setLength(account, blob, length);
        const from = planned ? endOf(planned) : length;
        appends.push({ account, hour, blob, skip: 0, bytes, from });
      }
    }
    return appends;
  }

  private async carryOut(
    containers: Containers,
    step: PendingStep,
    texts: Rendered["texts"],
  ): Promise<void> {
    for (let index = 0; index < step.appends.length; index++) {
      const append = step.appends[index] as Append;
      const { account, hour, blob, skip, bytes, from } = append;
      const missing = this.missing(containers, append);
      const container = containers.get(account);
      const text = texts.get(hour)?.subarray(skip + bytes - missing, skip + bytes);
      if (!container || !text || missing === 0) continue;
      let end = from + bytes - missing;
      try {
        await appendAt(container, blob, end, text, (length) => {
          this.ends.setLength(account, blob, (end += length));
        });
      } catch (error) {
        if (!(error instanceof BlobEndedError)) throw error;
        await this.moveOn(container, step, index, end - from);
      }
    }
  }

  /** Continues in the blob of the next hour. */
  private async moveOn(
    container: ContainerClient,
    step: PendingStep,
    index: number,
    done: number,
  ): Promise<void> {
    const ended = step.appends[index] as Append;
    const { account, blob, skip, bytes } = ended;
    const next = nextBlobName(blob);
    this.options.notify(
      `${nameOf(blob)} takes no more appends; its lines continue in ${nameOf(next)}.`,
    );
    const rest = { ...ended, skip: skip + done, bytes: bytes - done };
    step.appends.splice(index, 1, { ...ended, bytes: done }, rest);
    const end = await blobLength(container, next);
    this.ends.setLength(account, next, end);
    this.ends.continueIn(account, blob, next);
    const later = this.steps.slice(this.steps.indexOf(step) + 1);
    const moved = [...step.appends.slice(index + 1), ...later.flatMap(({ appends }) => appends)]
      .filter((append) => append.account === account && [blob, next].includes(append.blob))
      .map((append) => Object.assign(append, { blob: next }));
    place(moved, end);
    await this.save(this.steps);
  }

  /**
   * Learns the length of a blob, and finds other places for appends that no longer fit behind it.
   * @returns whether there are such
   */
  private async compare(
    container: ContainerClient,
    account: string,
    blob: string,
  ): Promise<boolean> {
    const length = await blobLength(container, blob);
    const before = this.ends.lengthOf(account, blob) ?? length;
    this.ends.setLength(account, blob, length);
    const appends = this.appendsOf(account).filter((append) => append.blob === blob);
    const started = appends.findLastIndex(({ from }) => from < length);
    const current = appends[started];
    if (current && !(await this.isOurs(container, current, length))) {
      place(appends.slice(started), length);
      return true;
    }
    const missing = appends.filter((append) => endOf(append) > length);
    const isCut = missing[0] !== undefined && missing[0].from > length;
    if (isCut) {
      this.options.notify(
        `${nameOf(blob)} was deleted or cut; the latest lines are written to its end.`,
      );
      place(missing, length);
    } else if (length < before) {
      this.options.notify(
        `${nameOf(blob)}: the storage lost its last ${before - length} bytes; they are written again.`,
      );
    }
    return isCut;
  }

  /** Whether what the blob has at the place of an append is its text; somebody else may have appended there. */
  private async isOurs(
    container: ContainerClient,
    append: Append,
    length: number,
  ): Promise<boolean> {
    const step = this.steps.find(({ appends }) => appends.includes(append));
    if (step === undefined || step.doneAt !== undefined) return true;
    const { hour, blob, from, skip, bytes } = append;
    const text = this.renderAgain(step)?.texts.get(hour);
    const there = Math.min(bytes, length - from);
    return !text || blobHas(container, blob, from, text.subarray(skip, skip + there));
  }

  private renderAgain(step: PendingStep): Rendered | undefined {
    const earlier = this.steps[this.steps.indexOf(step) - 1];
    const { position: before, furtherLines } = earlier ?? {
      position: this.shipped,
      furtherLines: this.furtherLines,
    };
    const rendered = this.options.render({ ...step, before, furtherLines });
    if (!rendered) {
      this.options.notify(
        `Lines up to byte ${step.position.offset} of ${step.position.file} are lost: they are no longer in the log.`,
      );
    }
    return rendered;
  }

  /** The steps that the storage can't lose any more: it has answered long after them. */
  private forgetSafe(): boolean {
    const before = this.options.now() - UNSAFE_MILLISECONDS;
    const isSafe = ({ appends, doneAt = Infinity }: PendingStep) =>
      appends.length === 0 ? doneAt < Infinity : doneAt <= before;
    const kept = this.steps.findIndex((step) => !isSafe(step));
    const safe = this.steps.splice(0, kept < 0 ? this.steps.length : kept);
    const last = safe.at(-1);
    if (!last) return false;
    this.shipped = last.position;
    this.furtherLines = last.furtherLines;
    return true;
  }

  private save(steps: readonly PendingStep[]): Promise<void> {
    return writeShipmentState(this.options.stateFile, {
      shipped: this.shipped,
      furtherLines: this.furtherLines,
      steps: steps.map(({ position, logLinePrefix, appends }) => ({
        ...{ position, logLinePrefix, appends },
      })),
    });
  }

  private appendsOf(account: string): Append[] {
    return this.steps
      .flatMap(({ appends }) => appends)
      .filter((append) => append.account === account && append.bytes > 0);
  }

  private missing(containers: Containers, append: Append): number {
    return containers.has(append.account) ? this.ends.missing(append) : 0;
  }
}

/** For messages, which name the server already. */
const nameOf = (blob: string): string => blob.replace(/^.*\/y=/, "y=");
