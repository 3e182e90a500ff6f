import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

const ROOT = path.resolve(__dirname, "../..");

/** The rows of the table in CONTRIBUTING.md's section "Map", each as its two cells. */
function mapRows(): (readonly [paths: string, content: string])[] {
  const text = fs.readFileSync(path.join(ROOT, "CONTRIBUTING.md"), "utf8");
  const section = text.slice(text.indexOf("## Map\n"));
  const table = section.slice(section.indexOf("| ")).split("\n\n", 1)[0] ?? "";
  return table
    .split("\n")
    .slice(2)
    .map((row) => {
      const [, paths = "", content = ""] = row.split("|");
      return [paths, content] as const;
    });
}

const codeIn = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);

/** Top-level folders that git tracks; without git (a downloaded archive), none. */
function trackedFolders(): string[] {
  if (!fs.existsSync(path.join(ROOT, ".git"))) return [];
  const files = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" });
  const names = files.split("\0").filter((file) => file.includes("/"));
  return [...new Set(names.map((file) => `${file.split("/", 1)[0]}/`))];
}

test.each(mapRows().flatMap(([paths]) => codeIn(paths)))(
  "%s in the map of CONTRIBUTING.md exists",
  (name) => {
    const stat = fs.statSync(path.join(ROOT, name), { throwIfNoEntry: false });
    expect(stat?.isDirectory()).toBe(name.endsWith("/"));
  },
);

test("the map of CONTRIBUTING.md contains each top-level folder", () => {
  const mapped = mapRows()
    .flatMap((cells) => cells.flatMap(codeIn))
    .map((name) => name.replace(/\/.*/, "/"));
  expect(trackedFolders().filter((folder) => !mapped.includes(folder))).toEqual([]);
});
