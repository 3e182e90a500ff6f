import * as fs from "node:fs";
import * as path from "node:path";
import { ResourceStore } from "../../../../local/arm/resource-store";
import { UserError } from "../../../../common/user-error";
import { tempFolder } from "../../support/temp-folder";

const folder = tempFolder();
const file = () => path.join(folder(), "azure", "arm.json");
const record = (id: string, type = "T/t") => ({
  id,
  name: id.split("/").at(-1) ?? "",
  type,
  shown: {},
});

describe("the store of resources", () => {
  test("keeps resources over a restart, in the order of their creation", () => {
    const store = new ResourceStore(file());
    for (const id of ["/g/b", "/g/a", "/g/c"]) store.put(record(id));
    store.put({ ...record("/g/b"), shown: { tags: { owner: "me" } } });
    store.delete("/g/c");
    const again = new ResourceStore(file());
    expect(again.all().map(({ id }) => id)).toEqual(["/g/b", "/g/a"]);
    expect(again.get("/G/B")?.shown).toEqual({ tags: { owner: "me" } });
  });

  test("keeps the names that can't be given again over a restart, for their time", () => {
    new ResourceStore(file()).retainName("T/t", "gone", 2000);
    const again = new ResourceStore(file());
    expect(again.retainsName("t/T", "Gone", 1999)).toBe(true);
    expect(again.retainsName("t/T", "Gone", 2000)).toBe(false);
    expect(again.retainsName("T/t", "other", 0)).toBe(false);
  });

  test("finds the resources below an id, and not those whose id only starts with the same text", () => {
    const store = new ResourceStore(file());
    for (const id of ["/g/n", "/g/n/x", "/g/n/x/y", "/g/n2"]) store.put(record(id));
    expect(store.below("/G/N").map(({ id }) => id)).toEqual(["/g/n/x", "/g/n/x/y"]);
  });

  test.each([
    "",
    "{",
    "null",
    '{"version":2,"resources":[]}',
    '{"version":1,"resources":[{"id":1}]}',
  ])("refuses the damaged file %j, doesn't change it, and reports what to do", (text) => {
    fs.mkdirSync(path.dirname(file()));
    fs.writeFileSync(file(), text);
    const read = () => new ResourceStore(file());
    expect(read).toThrow(UserError);
    expect(read).toThrow(/arm\.json is damaged: [\s\S]*`\.\/lab down --force`/);
    expect(fs.readFileSync(file(), "utf8")).toBe(text);
  });
});
