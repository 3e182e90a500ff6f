import * as esbuild from "esbuild";
import * as fs from "node:fs";
import * as path from "node:path";

const ROOT = path.resolve(__dirname, "../..");

/** What `npm ci --workspaces=false --omit=dev` installs; workflows and README use it for Azure. */
const { dependencies } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8")) as {
  dependencies: Record<string, string>;
};

test("the program, its scripts and the policy pack import only the root package's dependencies", async () => {
  const scripts = fs.readdirSync(path.join(ROOT, "scripts")).filter((name) => /\.ts$/.test(name));
  const { metafile } = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: [
      "index.ts",
      "policy/main.js",
      "policy/pack.ts",
      ...scripts.map((name) => `scripts/${name}`),
    ],
    bundle: true,
    packages: "external",
    platform: "node",
    outdir: ROOT,
    write: false,
    metafile: true,
  });
  const imported = Object.values(metafile.inputs)
    .flatMap(({ imports }) => imports.filter(({ external }) => external).map(({ path }) => path))
    .filter((name) => !/^(node:|\.)/.test(name))
    .map((name) => name.split("/", name.startsWith("@") ? 2 : 1).join("/"));
  expect(imported).toContain("@pulumi/pulumi");
  expect(imported.filter((name) => !(name in dependencies))).toEqual([]);
});
