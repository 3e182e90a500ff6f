import { parentId, parseArmPath, resourceKey } from "../../../../local/arm/resource-id";

const GROUP = "/subscriptions/s/resourceGroups/g";
const SERVER = `${GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/n`;

describe("a path of the Resource Manager", () => {
  test.each([
    ["/subscriptions/s", { names: [], id: "/subscriptions/s" }],
    [GROUP, { resourceGroupName: "g", names: ["g"], id: GROUP }],
    [`${GROUP}/resources`, { names: ["g"], id: GROUP, tail: "resources" }],
    [
      SERVER,
      {
        type: "Microsoft.DBforPostgreSQL/flexibleServers",
        names: ["n"],
        id: SERVER,
        tail: undefined,
      },
    ],
    [`${SERVER}/`, { names: ["n"], id: SERVER }],
    [`${SERVER}/restart`, { names: ["n"], id: SERVER, tail: "restart" }],
    [
      `${SERVER}/configurations/work_mem`,
      {
        type: "Microsoft.DBforPostgreSQL/flexibleServers/configurations",
        names: ["n", "work_mem"],
        id: `${SERVER}/configurations/work_mem`,
        scope: GROUP,
      },
    ],
    [
      `${SERVER}/providers/Microsoft.Insights/diagnosticSettings/d`,
      { type: "Microsoft.Insights/diagnosticSettings", names: ["d"], scope: SERVER },
    ],
    [
      `${SERVER}/providers/Microsoft.Insights/diagnosticSettings`,
      { id: SERVER, tail: "diagnosticSettings", scope: SERVER },
    ],
    [SERVER.toUpperCase(), { subscriptionId: "S", resourceGroupName: "G", names: ["N"] }],
  ])("%s is parsed", (path, parts) => expect(parseArmPath(path)).toMatchObject(parts));

  test.each([
    "/",
    "/subscriptions",
    "/tenants/t",
    `${GROUP}/providers`,
    `${GROUP}/resources/more`,
    `${GROUP}/providers/Microsoft.Web`,
  ])("%s isn't one", (path) => expect(parseArmPath(path)).toBeUndefined());

  test("of a child has a parent", () => {
    expect(parentId(`${SERVER}/databases/d`)).toBe(SERVER);
    expect(parentId(SERVER)).toBeUndefined();
    expect(parentId(GROUP)).toBeUndefined();
  });

  test("is the same in any letter case", () => {
    expect(resourceKey(SERVER.toUpperCase())).toBe(resourceKey(SERVER));
  });
});
