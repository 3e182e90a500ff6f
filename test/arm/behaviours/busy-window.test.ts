import { once } from "node:events";
import { testCloud } from "../support/cloud";
import {
  GROUP,
  SERVER,
  serverBody,
  serverId,
  setParameter,
  startServerScript,
} from "../support/flexible-server";

const API = "api-version=2025-08-01";

let clock = 0;
const cloud = testCloud({ busyWindowSeconds: 60, now: () => clock });

test("a new server is Ready, but refuses writes to its parameters, databases and firewall rules", async () => {
  const server = await cloud.postgresql.servers.beginCreateOrUpdateAndWait(
    GROUP,
    SERVER,
    serverBody(),
  );
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
  const { value } = await cloud.postgresql.configurations.get(GROUP, SERVER, "work_mem");
  expect(value).toBe("4096");
});

test("wait-until-writable waits until the window ends, and changes nothing", async () => {
  const before = await cloud.postgresql.configurations.get(GROUP, SERVER, "client_min_messages");
  clock = 59_999;
  const script = startServerScript(cloud, "wait-until-writable");
  const [line] = (await once(script.stdout!, "data")) as [Buffer];
  expect(line.toString()).toBe("The server is busy with its creation; waiting.\n");
  clock = 60_000;
  expect((await script).stdout).toMatch(/The server accepts writes\.$/);
  expect(await cloud.postgresql.configurations.get(GROUP, SERVER, "client_min_messages")).toEqual(
    before,
  );
});

test("then the server accepts writes, and an update starts no window", async () => {
  expect(await setParameter(cloud, "work_mem", "8192")).toMatchObject({ value: "8192" });
  await cloud.postgresql.servers.beginCreateOrUpdateAndWait(GROUP, SERVER, {
    ...serverBody(),
    tags: { owner: "me" },
  });
  expect(await setParameter(cloud, "work_mem", "4096")).toMatchObject({ value: "4096" });
  const { stdout } = await startServerScript(cloud, "wait-until-writable");
  expect(stdout).toBe("The server accepts writes.");
});
