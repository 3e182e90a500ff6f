import * as fs from "node:fs";
import * as path from "node:path";
import { PROJECT_ROOT } from "../../local/paths";

test("the development container has Debian 12, Node 22 and user namespaces", () => {
  const file = path.join(PROJECT_ROOT, ".devcontainer", "devcontainer.json");
  const container = JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, unknown>;
  expect(container.image).toMatch(/22-bookworm$/);
  // mmdebstrap builds the VM's image in a user namespace.
  expect(container.privileged).toBe(true);
});
