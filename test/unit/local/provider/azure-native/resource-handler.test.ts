import type { EngineLog, Inputs } from "../../../../../local/provider/protocol";
import {
  ArmClient,
  ArmRequest,
  ArmRequestError,
} from "../../../../../local/provider/azure-native/arm-client";
import { resourceHandler } from "../../../../../local/provider/azure-native/resource-handler";
import { SPECS } from "../../../../../local/provider/azure-native/specs";

const ID =
  "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/n";
const REQUEST = { urn: "u", type: "t", name: "r", log: {} as EngineLog };
const { signal } = new AbortController();

/** The handler of a type, over an API that gives these answers in turn and keeps the requests. */
function handlerOf(type: string, ...answers: (Inputs | Error | undefined)[]) {
  const requests: ArmRequest[] = [];
  const client = {
    subscriptionId: "s",
    call: async (request: ArmRequest) => {
      requests.push(request);
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
  } as unknown as ArmClient;
  const spec = SPECS.get(`azure-native:${type}`);
  if (!spec) throw new Error(`no spec for ${type}`);
  return { handler: resourceHandler(spec, async () => client), requests };
}

const NOT_FOUND = new ArmRequestError(404, "ResourceNotFound", "gone");

/** What a server looks like to GET. */
const SHOWN = {
  id: ID,
  name: "n",
  type: "Microsoft.DBforPostgreSQL/flexibleServers",
  location: "West Europe",
  properties: { version: "15", storage: { storageSizeGB: 64, tier: "P6" }, state: "Ready" },
};

describe("refreshing a resource", () => {
  const inputs = {
    resourceGroupName: "g",
    serverName: "n",
    location: "WEST EUROPE",
    version: "15",
    storage: { storageSizeGB: 32 },
    administratorLoginPassword: "kept",
  };

  test("takes what has changed, and neither what Azure adds nor how it writes", async () => {
    const { handler } = handlerOf("dbforpostgresql:Server", SHOWN);
    const read = await handler.read?.({ ...REQUEST, id: ID, inputs, signal } as never);
    expect(read?.inputs).toEqual({ ...inputs, storage: { storageSizeGB: 64 } });
    expect(read?.outputs).toMatchObject({ state: "Ready" });
  });

  test("says that a resource is gone, and fails on any other refusal", async () => {
    const gone = handlerOf("dbforpostgresql:Server", NOT_FOUND);
    const request = { ...REQUEST, id: ID, inputs, signal } as never;
    expect(await gone.handler.read?.(request)).toBeUndefined();
    const busy = handlerOf("dbforpostgresql:Server", new ArmRequestError(409, "ServerIsBusy", "x"));
    await expect(busy.handler.read?.(request)).rejects.toThrow("ServerIsBusy");
  });

  test("of one that is imported gives the inputs that make it, from its id too", async () => {
    const { handler } = handlerOf("dbforpostgresql:Server", SHOWN);
    const read = await handler.read?.({ ...REQUEST, id: ID, inputs: undefined, signal } as never);
    expect(read?.inputs).toEqual({
      resourceGroupName: "g",
      serverName: "n",
      location: "West Europe",
      version: "15",
      storage: { storageSizeGB: 64, tier: "P6" },
    });
  });
});

describe("deleting a resource", () => {
  test("that is gone already is no error", async () => {
    const { handler, requests } = handlerOf("dbforpostgresql:Server", NOT_FOUND);
    await handler.delete?.({ ...REQUEST, id: ID, signal } as never);
    expect(requests).toMatchObject([{ method: "DELETE", path: ID }]);
  });

  test("that is a server parameter sets it back to its default", async () => {
    const id = `${ID}/configurations/log_line_prefix`;
    const shown = { id, properties: { value: "%m ", defaultValue: "%t-%c-" } };
    const { handler, requests } = handlerOf("dbforpostgresql:Configuration", shown, {});
    await handler.delete?.({ ...REQUEST, id, signal } as never);
    expect(requests.map(({ method }) => method)).toEqual(["GET", "PUT"]);
    expect(requests[1]?.body).toEqual({
      properties: { value: "%t-%c-", source: "user-override" },
    });
  });
});
