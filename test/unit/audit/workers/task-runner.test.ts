import { EncodedPieces } from "../../../../audit/workers/task-runner";

const textOf = (pieces: readonly Uint8Array[]) => Buffer.concat(pieces).toString();

test("text of any length and script is unchanged", () => {
  const pieces = new EncodedPieces();
  const texts = ["a\n", "é".repeat(500_000), "🙂".repeat(300_000), "end"];
  for (const text of texts) pieces.write(text);
  expect(textOf(pieces.take())).toBe(texts.join(""));
  expect(pieces.take()).toEqual([]);
});

test("memory that came back is used again", () => {
  const pieces = new EncodedPieces();
  pieces.write("first");
  const [first] = pieces.take();
  pieces.addSpare(first ? [first.buffer] : []);
  pieces.write("second");
  const [second] = pieces.take();
  expect(second?.buffer).toBe(first?.buffer);
  expect(textOf(second ? [second] : [])).toBe("second");
});
