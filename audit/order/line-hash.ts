const PART_BYTES = 64 * 1024;
/** Odd numbers with irregular bits, one for each of four sums that the processor computes at the same time. */
const [FACTOR_A, FACTOR_B, FACTOR_C, FACTOR_D] = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f];
/** Together 52 bits, which a number contains exactly. */
const BITS_OF_B = 20;

/**
 * Hashes lines, to find equal ones. It isn't secure: who can choose texts can find two with the same hash, so that it
 * must not be the only criterion.
 */
export class LineHash {
  /** A line is copied, because numbers of four bytes can be read from aligned memory only. */
  private readonly bytes = new Uint8Array(PART_BYTES);
  private readonly words = new Int32Array(this.bytes.buffer);

  /** @param seed distinguishes records that share a line */
  of(line: Buffer, seed: number): number {
    if (line.length <= PART_BYTES) return this.ofPart(line, seed);
    let hash = seed;
    for (let from = 0; from < line.length; from += PART_BYTES) {
      hash = this.ofPart(line.subarray(from, from + PART_BYTES), hash);
    }
    return hash;
  }

  private ofPart(part: Buffer, seed: number): number {
    const { bytes, words } = this;
    const { length } = part;
    bytes.set(part);
    let a = length;
    let b = (seed % 2 ** 32) | 0;
    let c = Math.floor(seed / 2 ** 32) + 1;
    let d = 2;
    let at = 0;
    for (const end = length >> 2; at + 4 <= end; at += 4) {
      a = Math.imul(a ^ (a >>> 15) ^ (words[at] as number), FACTOR_A);
      b = Math.imul(b ^ (b >>> 15) ^ (words[at + 1] as number), FACTOR_B);
      c = Math.imul(c ^ (c >>> 15) ^ (words[at + 2] as number), FACTOR_C);
      d = Math.imul(d ^ (d >>> 15) ^ (words[at + 3] as number), FACTOR_D);
    }
    for (at *= 4; at < length; at += 1) {
      a = Math.imul(a ^ (a >>> 15) ^ (bytes[at] as number), FACTOR_A);
    }
    a = mixed(a) ^ mixed(c ^ FACTOR_B);
    b = mixed(b ^ FACTOR_C) ^ mixed(d ^ FACTOR_D);
    a = mixed(a ^ Math.imul(b, FACTOR_C));
    b = mixed(b ^ Math.imul(a, FACTOR_D));
    return (a >>> 0) * 2 ** BITS_OF_B + (b >>> (32 - BITS_OF_B));
  }
}

/** Each bit of the number changes about half of the result. */
function mixed(number: number): number {
  let bits = Math.imul(number ^ (number >>> 16), FACTOR_B);
  bits = Math.imul(bits ^ (bits >>> 13), FACTOR_C);
  return bits ^ (bits >>> 16);
}
