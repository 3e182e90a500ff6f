import { parseFlexibleServerId } from "../../../azure/resource-id";

const id =
  "/subscriptions/s/resourceGroups/G/providers/Microsoft.DBforPostgreSQL/flexibleServers/n";

describe("a flexible server's resource id", () => {
  test.each([id, id.toLowerCase(), id.toUpperCase()])("%s is taken apart", (given) => {
    const { subscriptionId, resourceGroupName, serverName } = parseFlexibleServerId(given);
    expect([subscriptionId, resourceGroupName, serverName].join(" ").toLowerCase()).toBe("s g n");
  });

  test.each(["", "n", `${id}/databases/d`, id.replace("flexibleServers", "servers")])(
    "%j is refused, with what it looks like",
    (given) => {
      expect(() => parseFlexibleServerId(given)).toThrow(
        `"${given}" is no flexible server's resource id; it looks like /subscriptions/<id>/`,
      );
    },
  );
});
