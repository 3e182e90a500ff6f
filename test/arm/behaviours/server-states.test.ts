import {
  connection,
  GROUP,
  runSql,
  SERVER,
  serverId,
  setParameter,
  testServer,
} from "../support/flexible-server";

const API = "api-version=2025-08-01";

const cloud = testServer();

const post = (action: string) => cloud.request("POST", `${serverId(cloud)}/${action}?${API}`);

test.each(["restart", "stop"])(
  "a %s while the server is updated is accepted, and fails with ServerIsNotReady",
  async (action) => {
    const path = `${serverId(cloud)}/configurations/work_mem?${API}`;
    const [write, answer] = await Promise.all([
      cloud.request("PUT", path, { properties: { value: "8192" } }),
      cloud.request("GET", path).then(() => post(action)),
    ]);
    expect([write.status, answer.status]).toEqual([202, 202]);
    expect((await cloud.finish(answer)).body).toMatchObject({
      status: "Failed",
      error: {
        code: "ServerIsNotReady",
        message: expect.stringMatching(
          /^Restart or Stop Server can only be performed on Started servers\./,
        ) as unknown,
      },
    });
    expect((await cloud.finish(write)).body).toMatchObject({ status: "Succeeded" });
    expect((await cloud.postgresql.servers.get(GROUP, SERVER)).state).toBe("Ready");
  },
);

test("a write while the server restarts is refused with ServerIsBusy", async () => {
  const restart = await post("restart");
  await expect(setParameter(cloud, "work_mem", "4096")).rejects.toMatchObject({
    code: "ServerIsBusy",
  });
  expect((await cloud.finish(restart)).body).toMatchObject({ status: "Succeeded" });
});

test("a restart ends the sessions, and the server accepts new ones", async () => {
  const session = connection(cloud);
  await session.connect();
  const ended = new Promise<Error>((resolve) => session.on("error", resolve));
  await cloud.postgresql.servers.beginRestartAndWait(GROUP, SERVER);
  expect((await ended).message).toMatch(/terminating connection|terminated unexpectedly/);
  await expect(session.query("SELECT 1")).rejects.toThrow();
  expect(await runSql(cloud, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

describe("a stopped server", () => {
  beforeAll(() => cloud.postgresql.servers.beginStopAndWait(GROUP, SERVER));

  test("shows its state, and refuses connections", async () => {
    expect((await cloud.postgresql.servers.get(GROUP, SERVER)).state).toBe("Stopped");
    await expect(runSql(cloud, "SELECT 1")).rejects.toThrow(/ECONNRESET/);
  });

  test("refuses a restart, and can be started", async () => {
    expect((await cloud.finish(await post("restart"))).body).toMatchObject({
      error: {
        code: "ServerIsNotReady",
        message: expect.stringContaining("State = Stopped") as unknown,
      },
    });
    await cloud.postgresql.servers.beginStartAndWait(GROUP, SERVER);
    expect((await cloud.postgresql.servers.get(GROUP, SERVER)).state).toBe("Ready");
    expect(await runSql(cloud, "SHOW work_mem")).toEqual([{ work_mem: "8MB" }]);
  });

  test("is deleted with its databases", async () => {
    await cloud.postgresql.servers.beginStopAndWait(GROUP, SERVER);
    await cloud.postgresql.servers.beginDeleteAndWait(GROUP, SERVER);
    await expect(cloud.postgresql.servers.get(GROUP, SERVER)).rejects.toMatchObject({
      statusCode: 404,
    });
  });
});
