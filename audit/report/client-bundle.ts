import * as fs from "node:fs";
import * as path from "node:path";
import { build } from "esbuild";

/** The sources of the page's script and style. In a bundled program, too, `__dirname` must be this file's folder. */
export const CLIENT_FOLDER = path.join(__dirname, "client");

export interface ClientBundle {
  readonly script: string;
  readonly style: string;
}

/** Libraries whose code is in the page, which therefore contains their licences: chart.js, and what it depends on. */
const LIBRARIES = ["chart.js", "@kurkle/color"];

/** The first browsers with `light-dark()`, which the style uses. */
const BROWSERS = ["chrome123", "firefox120", "safari17.5"];

/** Bundles the page's script, with the parts of the libraries that it uses, and its style. */
export async function bundleClient(): Promise<ClientBundle> {
  const result = await build({
    entryPoints: [path.join(CLIENT_FOLDER, "main.ts"), path.join(CLIENT_FOLDER, "style.css")],
    outdir: CLIENT_FOLDER,
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
  const paths = [__dirname, require.resolve("chart.js")];
  const file = path.join(path.dirname(require.resolve(library, { paths })), "..", "LICENSE.md");
  const text = fs.readFileSync(file, "utf8").trim();
  return `/*! ${library}\n${text.replaceAll("*/", "* /")}\n*/`;
}
