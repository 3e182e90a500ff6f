import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { expanded } from "../../../../audit/sources/compression";
import { FileSource, StdinSource } from "../../../../audit/sources/file-source";
import { line, messages, trailFolder } from "./trail-folder";

const { folder, write } = trailFolder();

/** `printf "one\ntwo\n" | zstd | base64`: this machine may lack the program. */
const ZSTD = Buffer.from("KLUv/QRYQQAAb25lCnR3bwrmpg5A", "base64");

/** The text of bytes that come in pieces, in memory that is used again. */
async function expand(bytes: Buffer, pieceBytes: number): Promise<string> {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const piece = Buffer.from(bytes.subarray(at, at + pieceBytes));
      yield piece;
      piece.fill("#");
    }
  }
  let text = "";
  for await (const piece of expanded(pieces())) text += piece.toString("latin1");
  return text;
}

describe.each([
  ["gzip", gzipSync("one\ntwo\n")],
  ["zstd", ZSTD],
])("%s", (_, compressed) => {
  test("is known by its first bytes, also in several parts, however it is cut", async () => {
    const parts = Buffer.concat([compressed, compressed]);
    for (let size = 1; size <= parts.length; size++) {
      expect(await expand(parts, size)).toBe("one\ntwo\none\ntwo\n");
    }
  });

  test("that is cut off is an error", async () => {
    for (const size of [1, 1000]) {
      await expect(expand(compressed.subarray(0, -2), size)).rejects.toMatchObject({
        code: "Z_BUF_ERROR",
      });
    }
  });
});

test("other bytes are unchanged", async () => {
  for (const text of ["", "{", "{}\n", "\x1f", "longer than any magic number"]) {
    expect(await expand(Buffer.from(text), 1)).toBe(text);
  }
});

test("files with any names and standard input are decompressed", async () => {
  write("a.json", gzipSync(`${line("gzip")}\n`));
  write("b.json.zst", `${line("plain")}\n`);
  const source = new FileSource({ paths: [folder()], notify: () => undefined });
  expect(await messages(source)).toEqual(["gzip", "plain"]);
  const compressed = gzipSync(`${line("input")}\n`);
  expect(await messages(new StdinSource(Readable.from([compressed])))).toEqual(["input"]);
});

test("standard input that is cut off is read up to there, and counted", async () => {
  const lines = Array.from({ length: 1000 }, (_, index) => line(`${index} ${Math.random()}`));
  const compressed = gzipSync(`${lines.join("\n")}\n`);
  const notices: string[] = [];
  const cut = Readable.from([compressed.subarray(0, compressed.length / 2)]);
  const source = new StdinSource(cut, (text) => notices.push(text));
  expect((await messages(source)).length).toBeGreaterThan(300);
  expect(notices).toEqual([expect.stringMatching(/^<stdin>: its compression is cut off/)]);
  expect(source.unreadable.count).toBe(1);
});
