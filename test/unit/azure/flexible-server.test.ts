import { parseFlexibleServerId } from "../../../azure/flexible-server";

const id =
  "/subscriptions/s/resourceGroups/G/providers/Microsoft.DBforPostgreSQL/flexibleServers/n";

describe("a flexible server's resource id", () => {
  test.each([id, id.toLowerCase(), id.toUpperCase()])("%s is parsed", (given) => {
    const { subscriptionId, resourceGroupName, serverName } = parseFlexibleServerId(given);
    expect([subscriptionId, resourceGroupName, serverName].join(" ").toLowerCase()).toBe("s g n");
  });

  test.each(["", "n", `${id}/databases/d`, id.replace("flexibleServers", "servers")])(
    "%j is refused, with an example",
    (given) => {
      expect(() => parseFlexibleServerId(given)).toThrow(
        `"${given}" is not the resource id of a flexible server, which looks like /subscriptions/<id>/`,
      );
    },
  );
});
