import * as pulumi from "@pulumi/pulumi";
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { VmScripts, VmStepArgs } from "../../../components/vm-step";
import { PROJECT_ROOT } from "../../../local/common/paths";
import { record } from "../support/record";

const recordStep = (args: Partial<VmStepArgs> = {}) =>
  record(() => {
    const machine = new pulumi.ComponentResource("test:index:Machine", "machine");
    const parent = new pulumi.ComponentResource("test:index:Steps", "steps");
    const connection = { host: "h", port: 2222, user: "me", privateKey: "k", hostKey: "p" };
    new VmScripts("vm-scripts", { connection, machine }).run(
      "step",
      { script: "build-cache.sh", arguments: ["/mnt/a b", "it's"], removable: true, ...args },
      { parent },
    );
  });

describe("a step on the VM", () => {
  const file = path.join(PROJECT_ROOT, "scripts/vm/build-cache.sh");
  const hash = crypto.createHash("sha256").update(fs.readFileSync(file)).digest("hex").slice(0, 12);
  const script = "/home/me/.pg-audit-lab/vm/build-cache.sh";

  test("quotes its arguments, and runs again when its script changes", async () => {
    const { inputs } = (await recordStep()).get("step");
    expect(inputs.create).toBe(`sudo bash ${script} apply '/mnt/a b' 'it'\\''s' # ${hash} `);
    expect(inputs.delete).toBe(`sudo bash ${script} remove '/mnt/a b' 'it'\\''s'`);
  });

  test("runs again when its revision changes, and leaves things as they are where it can't be undone", async () => {
    const { inputs } = (await recordStep({ revision: "two", removable: false })).get("step");
    expect(inputs.create).toMatch(/ two$/);
    expect(inputs).not.toHaveProperty("delete");
  });

  test("waits for a VM that boots", async () => {
    const { inputs } = (await recordStep()).get("step");
    expect(inputs.connection).toMatchObject({ port: 2222, dialErrorLimit: 60, perDialTimeout: 15 });
  });

  test("runs from a folder of the administrator's own, which is cleaned up last", async () => {
    const recorder = await recordStep();
    expect(recorder.get("vm-scripts-folder").inputs).toMatchObject({
      create: "mkdir -p -m 0700 /home/me/.pg-audit-lab",
      delete: "rm -rf /home/me/.pg-audit-lab",
    });
    expect(recorder.get("vm-scripts").after).toContain("vm-scripts-folder");
    expect(recorder.get("step").after).toContain("vm-scripts");
  });
});
