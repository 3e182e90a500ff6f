import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { checkManifest, writeManifest } from "../../../../local/image/manifest";

let folder: string;
let disk: string;

beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "manifest-"));
  disk = path.join(folder, "disk");
  fs.writeFileSync(disk, "content");
  await writeManifest(folder, "key", ["disk"]);
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const rewrite = (text: string, mtime: Date) => {
  fs.writeFileSync(disk, text);
  fs.utimesSync(disk, mtime, mtime);
};

test("a folder is good as it was written", async () => {
  expect(await checkManifest(folder, "key")).toEqual({ state: "good" });
});

test("a copy, with other times and the same content, is good", async () => {
  rewrite("content", new Date(0));
  expect(await checkManifest(folder, "key")).toEqual({ state: "good" });
});

test.each([
  ["cut short", () => rewrite("cont", new Date(0)), "disk has 4 bytes, not 7"],
  ["changed at the same size", () => rewrite("CONTENT", new Date(0)), "disk has another checksum"],
  ["removed", () => fs.rmSync(disk), "disk is missing"],
])("a file that is %s is reported", async (_, harm, problem) => {
  harm();
  expect(await checkManifest(folder, "key")).toEqual({ state: "damaged", problem });
});

test.each(["", '{"key":"k', "[]"])("a manifest of %j counts as damage", async (text) => {
  fs.writeFileSync(path.join(folder, "manifest.json"), text);
  expect((await checkManifest(folder, "key")).state).toBe("damaged");
});

test("a folder of other inputs is outdated, and a missing one is absent", async () => {
  expect(await checkManifest(folder, "other key")).toEqual({ state: "outdated" });
  fs.rmSync(folder, { recursive: true });
  expect(await checkManifest(folder, "key")).toEqual({ state: "absent" });
});
