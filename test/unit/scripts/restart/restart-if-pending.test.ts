import { restartIfPending } from "../../../../scripts/restart/restart-if-pending";

/** A server that goes through these states and pending lists, the last of each for ever. */
function fakeServer(states: string[], pending: string[][], timeoutSeconds = 5) {
  const lines: string[] = [];
  const next = <T>(values: T[]): T => (values.length > 1 ? values.shift() : values[0]) as T;
  const server = {
    state: async () => next(states),
    pendingParameters: async () => next(pending),
    restart: jest.fn(async () => undefined),
    say: (line: string) => lines.push(line),
    pollSeconds: 0,
    timeoutSeconds,
  };
  return { server, lines };
}

describe("restart-if-pending", () => {
  test("leaves a server alone of which nothing is pending", async () => {
    const { server, lines } = fakeServer(["Ready"], [[]]);
    await restartIfPending(server);
    expect(server.restart).not.toHaveBeenCalled();
    expect(lines).toEqual(["No parameter waits for a restart."]);
  });

  test("restarts once for all that is pending, and says for what", async () => {
    const { server, lines } = fakeServer(
      ["Ready"],
      [["shared_preload_libraries", "max_connections"], []],
    );
    await restartIfPending(server);
    expect(server.restart).toHaveBeenCalledTimes(1);
    expect(lines).toEqual([
      "Restarting the server for shared_preload_libraries, max_connections.",
      "The server is ready and nothing is pending.",
    ]);
  });

  test("fails where something is still pending after the restart", async () => {
    const { server } = fakeServer(["Ready"], [["shared_preload_libraries"]]);
    await expect(restartIfPending(server)).rejects.toThrow(
      "the server was restarted, but shared_preload_libraries still wait for a restart",
    );
    expect(server.restart).toHaveBeenCalledTimes(1);
  });

  test("waits until the server is ready, before and after the restart", async () => {
    const states = ["Updating", "Starting", "Ready", "Restarting", "Updating", "Ready"];
    const { server } = fakeServer(states, [["max_connections"], []]);
    server.restart.mockImplementation(async () => {
      expect(states).toEqual(["Restarting", "Updating", "Ready"]);
    });
    await restartIfPending(server);
    expect(server.restart).toHaveBeenCalledTimes(1);
    expect(states).toEqual(["Ready"]);
  });

  test.each(["Stopped", "Disabled", "Dropping"])(
    "doesn't wait for a server that is %s",
    async (state) => {
      const { server } = fakeServer([state], [["max_connections"]], 1e6);
      await expect(restartIfPending(server)).rejects.toThrow(
        `the server is ${state}; start it (az postgres flexible-server start)`,
      );
      expect(server.restart).not.toHaveBeenCalled();
    },
  );

  test("gives up on a server that doesn't become ready in time", async () => {
    const { server } = fakeServer(["Updating"], [[]], 0);
    await expect(restartIfPending(server)).rejects.toThrow(
      /still Updating after 0 s; run `pulumi up` again later/,
    );
  });

  test("fails with the restart's own error", async () => {
    const { server } = fakeServer(["Ready"], [["max_connections"]]);
    server.restart.mockRejectedValue(new Error("ServerIsBusy"));
    await expect(restartIfPending(server)).rejects.toThrow("ServerIsBusy");
  });
});
