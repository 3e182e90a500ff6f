/**
 * `npm run docs:coverage`: writes local/COVERAGE.md, the table of what local Azure has.
 * With `--check` it writes nothing, and fails where the file says something else.
 */
import * as path from "node:path";
import * as prettier from "prettier";
import { coverage } from "./arm/coverage";
import { type Backends, resourceTypes } from "./arm/resource-types";
import { readFileIfExists, writeFile } from "../common/files";

const FILE = path.join(__dirname, "COVERAGE.md");

async function main(isCheck: boolean): Promise<void> {
  // The definitions turn to what is behind them only when a request comes.
  const text = coverage(resourceTypes({} as Backends));
  const options = await prettier.resolveConfig(FILE);
  const wanted = await prettier.format(text, { ...options, filepath: FILE });
  if (!isCheck) return writeFile(FILE, wanted);
  if (readFileIfExists(FILE) === wanted) return;
  console.error("local/COVERAGE.md is stale: run `npm run docs:coverage` and commit it.");
  process.exitCode = 1;
}

void main(process.argv.includes("--check"));
