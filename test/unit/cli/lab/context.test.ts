import * as fs from "node:fs";
import * as path from "node:path";
import { ensureStack } from "../../../../cli/lab/context";
import { ensureEngine } from "../../../../local/engine/engine";
import { FakeMachine } from "../../local/engine/fake-machine";

describe("the local stack", () => {
  let machine: FakeMachine;
  beforeEach(() => {
    machine = new FakeMachine();
    // A closed network.
    jest.spyOn(globalThis, "fetch").mockRejectedValue(new Error("no route"));
  });
  afterEach(() => {
    jest.restoreAllMocks();
    machine.remove();
  });

  test("is created once and then selected; a damaged state is an error", async () => {
    machine.pulumi("3.231.0");
    const paths = machine.lab;
    const engine = await ensureEngine(paths, () => undefined);
    const lab = { paths, engine, env: { ...process.env, ...engine.environment } };
    await ensureStack(lab, "local");
    expect(fs.statSync(paths.pulumiState).mode & 0o777).toBe(0o700);
    const state = path.join(paths.pulumiState, ".pulumi/stacks/pg-audit-lab/local.json");
    fs.mkdirSync(path.dirname(state), { recursive: true });
    fs.writeFileSync(state, "{}");
    await ensureStack(lab, "local");
    expect(machine.calls().map((call) => call.split(" ").slice(0, 3).join(" "))).toEqual([
      "stack init local",
      "stack select local",
    ]);
    fs.writeFileSync(state, '{"version":');
    await expect(ensureStack(lab, "local")).rejects.toThrow(/local\.json\.bak/);
    fs.writeFileSync(path.join(paths.pulumiState, ".pulumi/meta.yaml"), "");
    await expect(ensureStack(lab, "local")).rejects.toThrow(/echo 'version: 1' > '.*meta\.yaml'/);
  });
});
