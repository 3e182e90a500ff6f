import * as fs from "node:fs";
import * as path from "node:path";
import { readLogChunk, removeReadFiles } from "../../../../../local/backends/log-shipper/log-files";
import { tempFolder } from "../../../support/temp-folder";

const folder = tempFolder();
const append = (file: string, text: string) => fs.appendFileSync(path.join(folder(), file), text);

describe("a folder of log files", () => {
  test("that is missing or empty has nothing to read", () => {
    expect(readLogChunk(path.join(folder(), "nowhere"), undefined)).toBeUndefined();
    expect(readLogChunk(folder(), undefined)).toBeUndefined();
  });

  test("returns each line once, and an incomplete line only when it is complete", () => {
    append("1.json", "one\ntw");
    const first = readLogChunk(folder(), undefined);
    expect(first).toEqual({ lines: ["one"], position: { file: "1.json", offset: 4 } });
    expect(readLogChunk(folder(), first?.position)).toBeUndefined();
    append("1.json", "o\n");
    expect(readLogChunk(folder(), first?.position)).toEqual({
      lines: ["two"],
      position: { file: "1.json", offset: 8 },
    });
  });

  test("counts bytes, not characters", () => {
    append("1.json", "äöü\n");
    const first = readLogChunk(folder(), undefined);
    append("1.json", "next\n");
    expect(readLogChunk(folder(), first?.position)?.lines).toEqual(["next"]);
  });

  test("continues with the next file at the end of a file, and ignores other files", () => {
    append("1.json", "one\n");
    append("2.json", "two\n");
    append("2.log", "no json\n");
    const first = readLogChunk(folder(), undefined);
    const second = readLogChunk(folder(), first?.position);
    expect(second).toEqual({ lines: ["two"], position: { file: "2.json", offset: 4 } });
  });

  test("reads a line that is longer than a chunk", () => {
    const long = "x".repeat(3 * 1024 * 1024);
    append("1.json", `${long}\nshort\n`);
    const first = readLogChunk(folder(), undefined);
    expect(first?.lines[0]).toHaveLength(long.length);
    const rest = first?.lines.slice(1) ?? [];
    const second = readLogChunk(folder(), first?.position);
    expect([...rest, ...(second?.lines ?? [])]).toEqual(["short"]);
  });

  test("deletes the files before the current one", () => {
    for (const file of ["1.json", "2.json", "3.json"]) append(file, "line\n");
    removeReadFiles(folder(), { file: "2.json", offset: 5 });
    expect(fs.readdirSync(folder())).toEqual(["2.json", "3.json"]);
  });
});
