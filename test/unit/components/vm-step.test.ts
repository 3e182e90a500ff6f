import * as pulumi from "@pulumi/pulumi";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { scriptsHash, VmScripts, type VmStepArgs } from "../../../components/vm-step";
import { PROJECT_ROOT } from "../../../local/paths";
import { record } from "../support/record";

const recordStep = (args: Partial<VmStepArgs> = {}, machineId = "id-1") =>
  record(() => {
    const machine = new pulumi.ComponentResource("test:index:Machine", "machine");
    const parent = new pulumi.ComponentResource("test:index:Steps", "steps");
    const connection = { host: "h", port: 2222, user: "me", privateKey: "k", hostKey: "p" };
    new VmScripts("vm-scripts", { connection, machine, machineId }).run(
      "step",
      { script: "build-cache.sh", arguments: ["/mnt/a b", "it's"], removable: true, ...args },
      { parent },
    );
  });

describe("a step on the VM", () => {
  const hash = scriptsHash(path.join(PROJECT_ROOT, "scripts/vm"));
  const script = "/home/me/.pg-audit-lab/vm/step.sh build-cache.sh";

  test("quotes its arguments, and contains the hash of all scripts", async () => {
    const { inputs } = (await recordStep()).get("step");
    expect(inputs.create).toBe(`sudo bash ${script} apply '/mnt/a b' 'it'\\''s' # ${hash} id-1 `);
    expect(inputs.delete).toBe(`sudo bash ${script} remove '/mnt/a b' 'it'\\''s'`);
  });

  test("has another hash when any script changes", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "scripts-"));
    fs.writeFileSync(path.join(folder, "step.sh"), "one");
    fs.writeFileSync(path.join(folder, "lib.sh"), "one");
    const before = scriptsHash(folder);
    expect(scriptsHash(folder)).toBe(before);
    fs.writeFileSync(path.join(folder, "lib.sh"), "two");
    expect(scriptsHash(folder)).not.toBe(before);
    fs.rmSync(folder, { recursive: true });
  });

  test("runs again when its revision changes, and has no delete command if it isn't removable", async () => {
    const { inputs } = (await recordStep({ revision: "two", removable: false })).get("step");
    expect(inputs.create).toMatch(/ two$/);
    expect(inputs).not.toHaveProperty("delete");
  });

  test("runs again on a new machine of the same name, with the scripts and their folder", async () => {
    const [one, two] = [await recordStep(), await recordStep({}, "id-2")];
    for (const name of ["step", "vm-scripts-folder", "vm-scripts-written"]) {
      expect(two.get(name).inputs.create).not.toEqual(one.get(name).inputs.create);
    }
    expect(two.get("vm-scripts").inputs.triggers).toEqual(["id-2"]);
    expect(two.get("step").inputs.delete).toEqual(one.get("step").inputs.delete);
  });

  test("waits for the VM to boot", async () => {
    const { inputs } = (await recordStep()).get("step");
    expect(inputs.connection).toMatchObject({ port: 2222, dialErrorLimit: 60, perDialTimeout: 15 });
  });

  test("runs from a folder in the administrator's home, which is on the disk before, and deleted last", async () => {
    const recorder = await recordStep();
    expect(recorder.get("vm-scripts-folder").inputs).toMatchObject({
      create: "mkdir -p -m 0700 /home/me/.pg-audit-lab # id-1",
      delete: "rm -rf /home/me/.pg-audit-lab",
    });
    expect(recorder.get("vm-scripts-written").inputs.create).toMatch(
      /^sync --file-system \/home\/me\/.pg-audit-lab # [0-9a-f]{12} id-1$/,
    );
    expect(recorder.get("vm-scripts").after).toContain("vm-scripts-folder");
    expect(recorder.get("vm-scripts-written").after).toContain("vm-scripts");
    expect(recorder.get("step").after).toContain("vm-scripts-written");
  });
});
