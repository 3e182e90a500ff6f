import { type Append } from "./shipment-state";

/** What is known of the blobs of all accounts: how long each is, and where one that takes no more is continued. */
export class BlobEnds {
  /** In bytes, by account and blob. */
  private readonly lengths = new Map<string, number>();
  /** By account and blob. */
  private readonly continued = new Map<string, string>();

  /** In bytes; undefined if the blob wasn't asked yet. */
  lengthOf(account: string, blob: string): number | undefined {
    return this.lengths.get(keyOf(account, blob));
  }

  setLength(account: string, blob: string, bytes: number): void {
    this.lengths.set(keyOf(account, blob), bytes);
  }

  /** The blob takes no more. */
  continueIn(account: string, blob: string, next: string): void {
    this.continued.set(keyOf(account, blob), next);
  }

  /** The blob that takes an hour's lines. */
  target(account: string, hour: string): string {
    let blob = hour;
    for (let next: string | undefined = hour; next !== undefined;) {
      blob = next;
      next = this.continued.get(keyOf(account, blob));
    }
    return blob;
  }

  /** How many bytes of the append's end its blob doesn't have. */
  missing(append: Append): number {
    const length = this.lengthOf(append.account, append.blob) ?? 0;
    return Math.min(append.bytes, Math.max(0, endOf(append) - length));
  }
}

/** Where an append ends in its blob, in bytes. */
export const endOf = ({ from, bytes }: Append): number => from + bytes;

/** Puts appends to one blob one behind the other. @param start in bytes */
export function place(appends: readonly Append[], start: number): void {
  let end = start;
  for (const append of appends) {
    append.from = end;
    end += append.bytes;
  }
}

const keyOf = (account: string, blob: string): string => `${account} ${blob}`;
