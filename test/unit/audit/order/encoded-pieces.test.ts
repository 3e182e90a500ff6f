import { EncodedPieces, type EncodedTexts } from "../../../../audit/order/encoded-pieces";

/** The texts according to their ends. */
function textsOf({ pieces, ends }: EncodedTexts): string[] {
  const bytes = Buffer.concat(pieces);
  return [...ends].map((end, at) => bytes.toString("utf8", at === 0 ? 0 : ends[at - 1], end));
}

test("texts of any length and script are unchanged, each at its place", () => {
  const pieces = new EncodedPieces();
  const texts = ["a\n", "é".repeat(500_000), "", "🙂".repeat(300_000), "end", "東京\n".repeat(9)];
  for (const text of texts) pieces.write(text);
  expect(textsOf(pieces.take())).toEqual(texts);
  expect(textsOf(pieces.take())).toEqual([]);
});

test("memory that came back is used again", () => {
  const pieces = new EncodedPieces();
  pieces.write("x".repeat(150_000));
  const first = pieces.take().pieces[0]?.buffer;
  pieces.addSpare(first ? [first] : []);
  pieces.write("y".repeat(150_000));
  const second = pieces.take();
  expect(second.pieces[0]?.buffer).toBe(first);
  expect(textsOf(second)).toEqual(["y".repeat(150_000)]);
});

test("few texts occupy little memory while they wait", () => {
  const pieces = new EncodedPieces();
  pieces.write("first");
  const first = pieces.take();
  pieces.write("second");
  expect(first.pieces[0]?.buffer.byteLength).toBe(5);
  expect(textsOf(first)).toEqual(["first"]);
});
