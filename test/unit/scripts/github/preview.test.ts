import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { previewChanges } from "../../../../scripts/github/preview";

const outer = process.env;
let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "preview-"));
  process.env = { ...outer, PATH: `${folder}:${outer.PATH}` };
});
afterEach(() => {
  process.env = outer;
  fs.rmSync(folder, { recursive: true });
});

/** A `pulumi` that prints its arguments to a file, and this. */
function pulumiPrints(stdout: string, { stderr = "", exitCode = 0 } = {}): () => string {
  const called = path.join(folder, "arguments");
  fs.writeFileSync(path.join(folder, "stdout"), stdout);
  fs.writeFileSync(path.join(folder, "stderr"), stderr);
  const script = `#!/bin/sh\necho "$@" >${called}\ncat ${folder}/stdout\ncat ${folder}/stderr >&2\nexit ${exitCode}\n`;
  fs.writeFileSync(path.join(folder, "pulumi"), script, { mode: 0o755 });
  return () => fs.readFileSync(called, "utf8").trim();
}

const preview = (refresh = false) => previewChanges({ stack: "dev", refresh });

test("a preview compares with the cloud where that is wanted, and never asks", async () => {
  const called = pulumiPrints(JSON.stringify({ steps: [{ op: "create", urn: "urn" }] }));
  expect(await preview(true)).toEqual([{ op: "create", urn: "urn", properties: [] }]);
  expect(called()).toContain("--non-interactive");
  expect(called()).toContain("--refresh");
  await preview();
  expect(called()).not.toContain("--refresh");
});

test("a failure is described by the program's errors, not by the whole JSON", async () => {
  const diagnostics = [
    { severity: "warning", message: "an old plugin" },
    { severity: "error", message: "Missing required configuration variable 'location'\n" },
  ];
  pulumiPrints(JSON.stringify({ steps: [], diagnostics }, undefined, 2), { exitCode: 255 });
  await expect(preview()).rejects.toThrow(
    "the preview of dev failed: pulumi ended with 255:\nMissing required configuration variable 'location'",
  );
});

test("a failure before the preview is described by Pulumi's last lines", async () => {
  pulumiPrints("", { stderr: "error: no stack named 'dev' found", exitCode: 255 });
  await expect(preview()).rejects.toThrow(/ended with 255:\nerror: no stack named 'dev' found/);
});

test("success without a result is an error, not a stack without changes", async () => {
  pulumiPrints("");
  await expect(preview()).rejects.toThrow("the preview of dev printed no result");
});
