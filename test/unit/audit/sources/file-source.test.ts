import * as fs from "node:fs";
import * as path from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { FileSource, StdinSource } from "../../../../audit/sources/file-source";
import { blob, line, messages, OTHER_SERVER, SERVER, trailFolder } from "./trail-folder";

const { folder, write } = trailFolder();

const fileSource = (...paths: string[]) => new FileSource({ paths, notify: () => undefined });

describe("files", () => {
  test("of a folder are read hour after hour, over all servers", async () => {
    write(blob("16"), `${line("16")}\n`);
    write(blob("15"), `${line("15")}\n`);
    write(blob("15", OTHER_SERVER), `${line("15b")}\n`);
    write("notes.txt", "no trail");
    expect(await messages(fileSource(folder()))).toEqual(["15", "15b", "16"]);
  });

  test("of hours outside the range aren't opened, nor are their folders", async () => {
    for (const hour of ["13", "14", "15", "16", "17"]) write(blob(hour), `${line(hour)}\n`);
    write(`${SERVER}/y=2025/m=01/d=01/h=00/m=00/PT1H.json`, `${line("2025")}\n`);
    const opened = jest.spyOn(fs.promises, "open");
    const listed = jest.spyOn(fs.promises, "readdir");
    const range = { since: new Date("2026-11-22T15:10Z"), until: new Date("2026-11-22T15:20Z") };
    expect(await messages(fileSource(folder()), range)).toEqual(["15", "16"]);
    expect(opened).toHaveBeenCalledTimes(2);
    expect(listed.mock.calls.filter(([name]) => /y=2025|h=1[347]/.test(String(name)))).toEqual([]);
    jest.restoreAllMocks();
  });

  test("that are plain or compressed are read in the order of their names", async () => {
    write("b.log", `${line("b")}\n`);
    write("a.json.gz", gzipSync(`${line("a")}\n`.repeat(3)));
    write("below/c.json", line("c"));
    expect(await messages(fileSource(folder()))).toEqual(["a", "a", "a", "b", "c"]);
  });

  test("given by name are read with any name, in the given order", async () => {
    const first = write("x", `${line("x")}\n`);
    const second = write("a", `${line("a")}\n`);
    expect(await messages(fileSource(first, second))).toEqual(["x", "a"]);
  });

  test("that are missing are reported with advice", async () => {
    const missing = path.join(folder(), "missing");
    await expect(messages(fileSource(missing))).rejects.toThrow(
      `${missing}: there is no such file or folder. Give files of the trail`,
    );
  });
});

test("standard input is read to its end", async () => {
  const text = `${line("é1")}\n${line("2")}`;
  const pieces = [Buffer.from(text).subarray(0, 400), Buffer.from(text).subarray(400)];
  expect(await messages(new StdinSource(Readable.from(pieces)))).toEqual(["é1", "2"]);
});
