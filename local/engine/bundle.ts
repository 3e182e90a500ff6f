import * as fs from "node:fs";
import * as path from "node:path";
import { build } from "esbuild";
import { readFileIfExists, writeFile } from "../../common/files";
import { PROJECT_ROOT, type LabPaths } from "../paths";
import { shellQuote } from "../../common/shell-quote";

/** Distinguishes a launcher of the lab from a real plugin. */
const MARK = "# Written by the PostgreSQL audit lab.";

/**
 * Bundles a TypeScript entry point into one JavaScript file and returns its path. Every `pulumi preview` starts five
 * processes: a bundle starts in 0.15 s, the sources with tsx in 0.4 to 0.7 s (measured on two cores).
 */
export async function bundle(paths: LabPaths, name: string, entry: string): Promise<string> {
  const file = path.join(paths.engine, "bundles", `${name}.js`);
  const { outputFiles } = await build({
    absWorkingDir: PROJECT_ROOT,
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    outfile: file,
    write: false,
    logLevel: "silent",
    // ssh2's optional native modules: it works without them.
    external: ["*.node", "cpu-features"],
  });
  const content = Buffer.from(outputFiles[0]?.contents ?? []);
  const current = readFileIfExists(file);
  if (current === undefined || !content.equals(Buffer.from(current))) writeFile(file, content);
  return file;
}

/** Writes an executable that runs a command and passes its arguments on. */
export function writeLauncher(file: string, command: readonly string[]): void {
  const words = command.map(shellQuote).join(" ");
  writeFile(file, `#!/bin/sh\n${MARK}\nexec ${words} "$@"\n`, 0o755);
}

/** Whether the file is a launcher that the lab wrote, not a real plugin. */
export function isLauncher(file: string): boolean {
  const start = Buffer.alloc(200);
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(file, "r");
    fs.readSync(descriptor, start, 0, start.length, 0);
  } catch {
    return false;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
  return start.includes(MARK);
}
