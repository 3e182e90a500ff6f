import { type PostgreSQLManagementFlexibleServerClient } from "@azure/arm-postgresql-flexible";
import { once } from "node:events";
import { TestCloud } from "../support/cloud";
import { GROUP, SERVER, serverBody, serverId, setParameter } from "../support/flexible-server";
import { startServerScript } from "../support/scripts";

const API = "api-version=2025-08-01";

let cloud: TestCloud;
let client: PostgreSQLManagementFlexibleServerClient;
let clock = 0;
beforeAll(async () => {
  cloud = await TestCloud.start({ busyWindowSeconds: 60, now: () => clock });
  client = cloud.postgresqlClient();
  await cloud.makeGroup();
});
afterAll(() => cloud.close());

test("a new server is Ready, and too busy for writes to what is in it", async () => {
  const server = await client.servers.beginCreateOrUpdateAndWait(GROUP, SERVER, serverBody());
  expect(server.state).toBe("Ready");
  for (const [path, properties] of [
    ["configurations/work_mem", { value: "8192" }],
    ["databases/db", {}],
    ["firewallRules/vm", { startIpAddress: "192.0.2.1", endIpAddress: "192.0.2.1" }],
  ] as const) {
    const answer = await cloud.request("PUT", `${serverId(cloud)}/${path}?${API}`, { properties });
    expect(answer.status).toBe(409);
    expect(answer.body).toEqual({
      error: {
        code: "ServerIsBusy",
        message: `Cannot complete operation while server '${SERVER}' is busy processing another operation. Try again later.`,
      },
    });
  }
  const { value } = await client.configurations.get(GROUP, SERVER, "work_mem");
  expect(value).toBe("4096");
});

test("the lab's script waits until the window is over, and changes nothing by its writes", async () => {
  const before = await client.configurations.get(GROUP, SERVER, "client_min_messages");
  clock = 59_999;
  const script = startServerScript(cloud, "wait-until-writable");
  const [line] = (await once(script.stdout!, "data")) as [Buffer];
  expect(line.toString()).toBe("The server is busy with its creation; waiting.\n");
  clock = 60_000;
  expect((await script).stdout).toMatch(/The server accepts writes\.$/);
  expect(await client.configurations.get(GROUP, SERVER, "client_min_messages")).toEqual(before);
});

test("then it accepts writes, and an update opens no window", async () => {
  expect(await setParameter(client, "work_mem", "8192")).toMatchObject({ value: "8192" });
  await client.servers.beginCreateOrUpdateAndWait(GROUP, SERVER, {
    ...serverBody(),
    tags: { owner: "me" },
  });
  expect(await setParameter(client, "work_mem", "4096")).toMatchObject({ value: "4096" });
  const { stdout } = await startServerScript(cloud, "wait-until-writable");
  expect(stdout).toBe("The server accepts writes.");
});
