import * as fs from "node:fs";
import * as path from "node:path";
import { build } from "esbuild";

export interface ClientBundle {
  readonly script: string;
  readonly style: string;
}

/** Libraries whose code goes into the page: their licences go with it. */
const LIBRARIES = ["chart.js", "@kurkle/color"];

/** Browsers that know `light-dark()`, which the style is made with. */
const BROWSERS = ["chrome123", "firefox120", "safari17.5"];

/** The page's own script, of client/ and what it uses of the libraries, and its style. */
export async function bundleClient(): Promise<ClientBundle> {
  const folder = path.join(__dirname, "client");
  const result = await build({
    entryPoints: [path.join(folder, "main.ts"), path.join(folder, "style.css")],
    outdir: folder,
    write: false,
    bundle: true,
    minify: true,
    format: "iife",
    target: BROWSERS,
    charset: "ascii",
    legalComments: "none",
    banner: { js: LIBRARIES.map(licence).join("\n") },
    logLevel: "silent",
  });
  const output = (extension: string) =>
    result.outputFiles.find((file) => file.path.endsWith(extension))?.text ?? "";
  return { script: output(".js"), style: output(".css") };
}

function licence(library: string): string {
  const file = path.join(path.dirname(require.resolve(library)), "..", "LICENSE.md");
  const text = fs.readFileSync(file, "utf8").trim();
  return `/*! ${library}\n${text.replaceAll("*/", "* /")}\n*/`;
}
