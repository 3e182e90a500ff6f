import { RecentRecords } from "./recent-records";
import type { RecordIndex } from "./record-index";

/**
 * What a record is, compared with those before it: `new`; `repeated`, the same line again, because its session, its
 * number in the session and its bytes are equal; `alike`, a line with equal bytes but without such a number, which may
 * be the same event or another one.
 */
export type Novelty = "new" | "repeated" | "alike";

/**
 * Finds records that were delivered several times, which Azure doesn't exclude. Equal records have equal times, so that
 * of sorted records only those of one time need be compared, wherever they were stored.
 */
export class Repetitions {
  private readonly recent: RecentRecords;
  private time = Number.NEGATIVE_INFINITY;
  private content = 0;
  private identity = 0;
  /** Identities by content, of further records with the time. */
  private readonly others = new Map<number, number>();

  /** @param remembered number of records with which one is compared that comes too late. @default 262,144 */
  constructor(remembered?: number) {
    this.recent = new RecentRecords(remembered);
  }

  /** Compares the record at this position with those of the previous calls. */
  compare(index: RecordIndex, at: number): Novelty {
    const time = index.time(at);
    const content = index.content(at);
    const identity = index.identity(at);
    const isKnown =
      time < this.time
        ? this.recent.has(time, content, identity)
        : this.isOfThisTime(time, content, identity);
    if (!isKnown) return "new";
    return index.hasIdentity(at) ? "repeated" : "alike";
  }

  private isOfThisTime(time: number, content: number, identity: number): boolean {
    const { others } = this;
    if (time === this.time) {
      const known = content === this.content ? this.identity : others.get(content);
      if (known === identity) return true;
      others.set(content, identity);
    } else {
      this.time = time;
      this.content = content;
      this.identity = identity;
      if (others.size > 0) others.clear();
    }
    this.recent.add(time, content, identity);
    return false;
  }
}
