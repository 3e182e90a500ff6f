import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

const ROOT = path.resolve(__dirname, "../..");
const PAGES = execFileSync("git", ["ls-files", "*.md"], { cwd: ROOT, encoding: "utf8" })
  .trim()
  .split("\n");

test.each(PAGES)("the links and pictures of %s exist", (page) => {
  const text = fs.readFileSync(path.join(ROOT, page), "utf8");
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  const files = targets
    .filter((target) => !/^(https?:|#)/.test(target))
    .map((target) => path.join(path.dirname(page), target.replace(/#.*/, "")));
  expect(files.filter((file) => !fs.existsSync(path.join(ROOT, file)))).toEqual([]);
});
