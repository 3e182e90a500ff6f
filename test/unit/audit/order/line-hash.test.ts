import { LineHash } from "../../../../audit/order/line-hash";

const hash = new LineHash();

test("lines that differ in one byte have other hashes, wherever it is", () => {
  for (const length of [1, 3, 40, 801, 200_003]) {
    const line = Buffer.alloc(length, "x");
    const expected = hash.of(line, 0);
    expect(hash.of(Buffer.from(line), 0)).toBe(expected);
    const steps = Math.ceil(length / 97);
    const hashes = new Set([expected]);
    for (let at = 0; at < length; at += steps) {
      line[at] = 0x79;
      hashes.add(hash.of(line, 0));
      line[at] = 0x78;
    }
    expect(hashes.size).toBe(1 + Math.ceil(length / steps));
  }
});

test("so have lines of which one is longer, and records that share a line", () => {
  const lines = Array.from({ length: 100 }, (_, index) => Buffer.alloc(index));
  expect(new Set(lines.map((line) => hash.of(line, 0))).size).toBe(100);
  const seeds = Array.from({ length: 100 }, (_, index) => hash.of(Buffer.from("{}"), index));
  expect(new Set(seeds).size).toBe(100);
});

test("equal lines have the same hash at any place in memory", () => {
  const line = Buffer.from(`{"time":"2026-11-22T17:51:17.034Z","é":"🙂"}`);
  const memory = Buffer.concat([Buffer.from("abc"), line]);
  expect(hash.of(memory.subarray(3), 1)).toBe(hash.of(line, 1));
});
