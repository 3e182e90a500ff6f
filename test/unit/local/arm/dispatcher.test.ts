import * as path from "node:path";
import { z } from "zod";
import { pollUntil } from "../../../../common/poll";
import { Dispatcher } from "../../../../local/arm/dispatcher";
import { ResourceStore } from "../../../../local/arm/resource-store";
import { resourceType } from "../../../../local/arm/resource-type";
import { Timing } from "../../../../local/arm/timing";
import { tempFolder } from "../../support/temp-folder";

const folder = tempFolder();

test("a deletion that the end of the process interrupted continues after its start", async () => {
  const deleted: string[] = [];
  const machine = resourceType({
    type: "T/machines",
    apiVersions: ["1"],
    schema: z.strictObject({}),
    asynchronous: ["DELETE"],
    put: () => ({}),
    delete: async ({ name }) => void deleted.push(name),
  });
  const file = path.join(folder(), "arm.json");
  const before = new ResourceStore(file);
  for (const name of ["a", "b"]) {
    before.put({ id: `/g/${name}`, name, type: "T/machines", shown: {} });
  }
  before.setDeleting("/g/a", true);

  const store = new ResourceStore(file);
  new Dispatcher([machine], store, new Timing()).resumeDeletions();
  await pollUntil(() => store.get("/g/a") === undefined, {
    what: "the deletion",
    timeoutSeconds: 10,
  });
  expect(deleted).toEqual(["a"]);
  expect(new ResourceStore(file).all().map(({ name }) => name)).toEqual(["b"]);
});
