import {
  type ArmClient,
  type ArmRequest,
  ArmRequestError,
  UnfinishedOperationError,
} from "../../../../../local/provider/azure-native/arm-client";
import { resourceHandler } from "../../../../../local/provider/azure-native/resource-handler";
import {
  type EngineLog,
  type Inputs,
  PartialFailure,
} from "../../../../../local/provider/protocol";
import { specOf } from "./support/spec";

const ID =
  "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/n";
const { signal } = new AbortController();
const REQUEST = {
  ...{ urn: "u", type: "t", name: "r", log: {} as EngineLog },
  ...{ signal, timeoutSeconds: 0, secretInputs: new Set<string>() },
};
const SERVER = "dbforpostgresql:Server";

/** The handler of a type, with an API that returns these responses in turn and records the requests. */
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
  const methods = () => requests.map(({ method }) => method);
  return { handler: resourceHandler(specOf(type), async () => client), requests, methods };
}

const NOT_FOUND = new ArmRequestError(404, "ResourceNotFound", "gone");

/** The GET response of a server. */
const SHOWN = {
  id: ID,
  name: "n",
  type: "Microsoft.DBforPostgreSQL/flexibleServers",
  location: "West Europe",
  properties: {
    ...{ version: "15", state: "Ready", availabilityZone: "1" },
    storage: { storageSizeGB: 32, tier: "P6" },
  },
};
const INPUTS: Inputs = {
  resourceGroupName: "g",
  serverName: "n",
  location: "WEST EUROPE",
  version: "15",
  availabilityZone: "",
  storage: { storageSizeGB: 32 },
  administratorLoginPassword: "kept",
};

test("what local Azure can't do of a resource is a warning at its creation", async () => {
  const { handler } = handlerOf("dbforpostgresql:AdministratorsMicrosoftEntra", undefined, {});
  const warn = jest.fn();
  const inputs = { resourceGroupName: "g", serverName: "n", objectId: "o", principalName: "ann" };
  await handler.create({
    ...REQUEST,
    log: { warn } as unknown as EngineLog,
    inputs,
    preview: false,
  });
  expect(warn).toHaveBeenCalledWith(expect.stringMatching(/nobody can sign in/));
});

describe("checking a resource's inputs", () => {
  const check = async (type: string, news: Inputs, olds: Inputs = {}) => {
    const { handler } = handlerOf(type);
    const result = await handler.check?.({
      ...{ ...REQUEST, news, olds },
      randomSeed: new Uint8Array([1]),
    });
    return result?.inputs;
  };
  const azureApiVersion = "2024-01-01";

  test("adds a name and the api-version where the program sets none", async () => {
    expect(await check("storage:StorageAccount", { kind: "StorageV2" })).toEqual({
      kind: "StorageV2",
      azureApiVersion,
      accountName: expect.stringMatching(/^r[0-9a-f]{8}$/) as string,
      __createBeforeDelete: true,
    });
    expect(await check("storage:BlobContainer", {})).toEqual({
      azureApiVersion,
      containerName: "r",
    });
  });

  test("keeps the program's name", async () => {
    const news = { accountName: "mine" };
    expect(await check("storage:StorageAccount", news)).toEqual({ ...news, azureApiVersion });
  });

  test("keeps the name that it gave before, and an imported one", async () => {
    const given = { accountName: "r01234567", __createBeforeDelete: true };
    expect(await check("storage:StorageAccount", {}, given)).toEqual({ ...given, azureApiVersion });
    const imported = { accountName: "imported" };
    expect(await check("storage:StorageAccount", {}, imported)).toEqual({
      ...imported,
      azureApiVersion,
    });
  });
});

describe("creating a resource", () => {
  const create = (handler: ReturnType<typeof handlerOf>["handler"], more: object = {}) =>
    handler.create({ ...REQUEST, inputs: INPUTS, preview: false, ...more });

  test("checks first whether it exists already, and doesn't change it", async () => {
    const { handler, methods } = handlerOf(SERVER, SHOWN);
    await expect(create(handler)).rejects.toThrow(
      `cannot create already existing resource '${ID}'`,
    );
    expect(methods()).toEqual(["GET"]);
  });

  test("sends a PUT where it doesn't exist", async () => {
    const { handler, methods } = handlerOf(SERVER, NOT_FOUND, SHOWN);
    const { id, outputs } = await create(handler);
    expect(id).toBe(ID);
    expect(outputs).toMatchObject({ name: "n", version: "15", azureApiVersion: "2025-08-01" });
    expect(methods()).toEqual(["GET", "PUT"]);
  });

  test("sends a PUT for a server parameter, which always exists", async () => {
    const { handler, methods } = handlerOf("dbforpostgresql:Configuration", {});
    await create(handler, { inputs: { ...INPUTS, configurationName: "c", value: "x" } });
    expect(methods()).toEqual(["PUT"]);
  });

  test("that fails after it was accepted records the resource", async () => {
    const failed = new UnfinishedOperationError(new ArmRequestError(200, "OSTimedOut", "late"));
    const { handler } = handlerOf(SERVER, NOT_FOUND, failed, SHOWN);
    const failure = await create(handler).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PartialFailure);
    expect(failure).toMatchObject({ id: ID, outputs: { state: "Ready" } });
    expect((failure as Error).message).toContain("late");
  });

  test("that fails and leaves nothing is a plain failure", async () => {
    const cause = new ArmRequestError(200, "QuotaExceeded", "too many");
    const failed = new UnfinishedOperationError(cause);
    const { handler } = handlerOf(SERVER, NOT_FOUND, failed, NOT_FOUND);
    await expect(create(handler)).rejects.toBe(cause);
  });

  test.each([
    ["before Azure has answered", new Error("cancelled")],
    ["while Azure works on it", new UnfinishedOperationError(new Error("cancelled"))],
  ])(
    "that is interrupted %s records what is being made: the next run goes on",
    async (_, error) => {
      const interrupted = AbortSignal.abort(new Error("cancelled"));
      const { handler } = handlerOf(SERVER, NOT_FOUND, error, NOT_FOUND);
      const failure = await create(handler, { signal: interrupted }).catch(
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(PartialFailure);
      expect(failure).toMatchObject({ id: ID, outputs: { version: "15" } });
      expect(JSON.stringify((failure as PartialFailure).outputs)).not.toContain("kept");
    },
  );
});

describe("a preview", () => {
  test("of a new resource has only its inputs", async () => {
    const { handler, methods } = handlerOf(SERVER);
    const { outputs } = await handler.create({ ...REQUEST, inputs: INPUTS, preview: true });
    expect(outputs).toEqual({
      ...{ location: "WEST EUROPE", version: "15", availabilityZone: "" },
      storage: { storageSizeGB: 32 },
    });
    expect(methods()).toEqual([]);
  });

  test("of an update also has name and location", async () => {
    const { handler } = handlerOf(SERVER);
    const olds = { name: "n", location: "West Europe", state: "Ready" };
    const news = { ...INPUTS, version: "16" };
    const update = { ...REQUEST, id: ID, oldInputs: INPUTS, olds, news, preview: true };
    expect(await handler.update?.(update)).toEqual({
      ...{ name: "n", location: "West Europe", version: "16", availabilityZone: "" },
      storage: { storageSizeGB: 32 },
    });
  });
});

describe("refreshing a resource", () => {
  const before = { ...SHOWN.properties, location: "West Europe", name: "n" };
  const refresh = async (shown: Inputs, inputs = INPUTS, type = SERVER, state: Inputs = before) => {
    const { handler } = handlerOf(type, shown);
    return handler.read?.({ ...REQUEST, id: ID, inputs, state });
  };

  test("ignores what Azure adds and formats differently", async () => {
    expect((await refresh(SHOWN))?.inputs).toEqual(INPUTS);
    const stopped = { ...SHOWN, properties: { ...SHOWN.properties, state: "Stopped" } };
    const read = await refresh(stopped);
    expect(read?.inputs).toEqual(INPUTS);
    expect(read?.outputs).toMatchObject({ state: "Stopped" });
  });

  test("applies changes, additions and deletions", async () => {
    const shown = {
      ...SHOWN,
      tags: { owner: "someone" },
      properties: { state: "Ready", availabilityZone: "1", storage: { storageSizeGB: 64 } },
    };
    const { version: _, ...others } = INPUTS;
    expect((await refresh(shown))?.inputs).toEqual({
      ...others,
      tags: { owner: "someone" },
      storage: { storageSizeGB: 64 },
    });
  });

  test("applies the changes of a list and of its members", async () => {
    const rule = (name: string, priority: number) => ({ name, priority });
    const wire = ({ name, ...properties }: Inputs) => ({
      name,
      properties: { ...properties, provisioningState: "Succeeded" },
    });
    const shown = { securityRules: [rule("ssh", 200), rule("more", 300)] };
    const inputs = { securityRules: [rule("ssh", 100)] };
    const read = await refresh(
      { properties: { securityRules: shown.securityRules.map(wire) } },
      inputs,
      "network:NetworkSecurityGroup",
      { securityRules: [{ ...rule("ssh", 100), provisioningState: "Succeeded" }] },
    );
    expect(read?.inputs).toEqual(shown);
  });

  test("ignores subnets where they are separate resources", async () => {
    const inputs = { addressSpace: { addressPrefixes: ["10.0.0.0/16"] } };
    const properties = { ...inputs, subnets: [{ name: "s", properties: {} }] };
    const read = await refresh({ properties }, inputs, "network:VirtualNetwork", inputs);
    expect(read?.inputs).toEqual(inputs);
  });

  test("reports a missing resource, and fails on every other error", async () => {
    const gone = handlerOf(SERVER, NOT_FOUND);
    const request = { ...REQUEST, id: ID, inputs: INPUTS };
    expect(await gone.handler.read?.(request)).toBeUndefined();
    const busy = handlerOf(SERVER, new ArmRequestError(409, "ServerIsBusy", "x"));
    await expect(busy.handler.read?.(request)).rejects.toThrow("ServerIsBusy");
  });
});

describe("importing a resource", () => {
  const inputsOf = async (type: string, id: string, shown: Inputs) => {
    const { handler } = handlerOf(type, shown);
    return (await handler.read?.({ ...REQUEST, id, inputs: undefined }))?.inputs;
  };

  test("returns the inputs that describe it, also from its id", async () => {
    expect(await inputsOf(SERVER, ID, SHOWN)).toEqual({
      ...{ resourceGroupName: "g", serverName: "n", location: "West Europe" },
      ...{ version: "15", availabilityZone: "1" },
      storage: { storageSizeGB: 32, tier: "P6" },
    });
  });

  test("omits empty and read-only properties, also in the members of a list", async () => {
    const id =
      "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/nsg";
    const rule = { name: "ssh", properties: { priority: 100, provisioningState: "Succeeded" } };
    const properties = { securityRules: [rule], subnets: [{ id: "/s" }], flushConnection: null };
    expect(
      await inputsOf("network:NetworkSecurityGroup", id, { location: "x", tags: {}, properties }),
    ).toEqual({
      ...{ resourceGroupName: "g", networkSecurityGroupName: "nsg", location: "x" },
      securityRules: [{ name: "ssh", priority: 100 }],
    });
  });
});

describe("deleting a resource", () => {
  const DELETE = { ...REQUEST, inputs: {}, state: {} };

  test("of a missing resource is no error", async () => {
    const { handler, requests } = handlerOf(SERVER, NOT_FOUND);
    await handler.delete({ ...DELETE, id: ID });
    expect(requests).toMatchObject([{ method: "DELETE", path: ID }]);
  });

  test("that is a server parameter sets it back to its default, with the source that it has", async () => {
    const id = `${ID}/configurations/log_line_prefix`;
    const properties = { value: "%m ", defaultValue: "%t-%c-", source: "user-override" };
    const { handler, requests } = handlerOf("dbforpostgresql:Configuration", { id, properties });
    await handler.delete({ ...DELETE, id });
    expect(requests.map(({ method }) => method)).toEqual(["GET", "PUT"]);
    expect(requests[1]?.body).toEqual({
      properties: { value: "%t-%c-", source: "user-override" },
    });
  });
});
