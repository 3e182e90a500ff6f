import { restartIfPending, type RestartOptions } from "../../../scripts/restart-if-pending";

/** A server that returns these states and pending lists in turn, the last of each again and again. */
function fakeServer(
  states: string[],
  pending: string[][],
  timeoutSeconds = 5,
  more: Partial<RestartOptions> = {},
) {
  const lines: string[] = [];
  const next = <T>(values: T[]): T => (values.length > 1 ? values.shift() : values[0]) as T;
  const server = {
    state: async () => next(states),
    pendingParameters: async () => next(pending),
    restart: jest.fn(async () => undefined),
  };
  const options = {
    notify: (line: string) => void lines.push(line),
    pollSeconds: 0,
    timeoutSeconds,
    ...more,
  };
  return { server, lines, run: () => restartIfPending(server, options) };
}

describe("restart-if-pending", () => {
  test("does nothing if no parameter is pending", async () => {
    const { server, lines, run } = fakeServer(["Ready"], [[]]);
    await run();
    expect(server.restart).not.toHaveBeenCalled();
    expect(lines).toEqual(["No parameter is pending a restart."]);
  });

  test("restarts once for all pending parameters, and reports them", async () => {
    const { server, lines, run } = fakeServer(
      ["Ready"],
      [["shared_preload_libraries", "max_connections"], []],
    );
    await run();
    expect(server.restart).toHaveBeenCalledTimes(1);
    expect(lines).toEqual([
      "Restarting the server for shared_preload_libraries, max_connections.",
      "The server is ready and nothing is pending.",
    ]);
  });

  test("doesn't restart for what others have left pending", async () => {
    const only = ["shared_preload_libraries"];
    const { server, run } = fakeServer(["Ready"], [["max_connections"]], 5, { only });
    await run();
    expect(server.restart).not.toHaveBeenCalled();
  });

  test("fails where a restart is forbidden, with what to do", async () => {
    const { server, run } = fakeServer(["Ready"], [["wal_level"]], 5, { isForbidden: true });
    await expect(run()).rejects.toThrow(/^wal_level is written .* allowRestart true.* or restart/);
    expect(server.restart).not.toHaveBeenCalled();
  });

  test("fails if a parameter is still pending after the restart", async () => {
    const { server, run } = fakeServer(["Ready"], [["shared_preload_libraries"]]);
    await expect(run()).rejects.toThrow(
      "the server was restarted, but shared_preload_libraries is still pending a restart",
    );
    expect(server.restart).toHaveBeenCalledTimes(1);
  });

  test("waits until the server is ready, before and after the restart", async () => {
    const states = ["Updating", "Starting", "Ready", "Restarting", "Updating", "Ready"];
    const { server, run } = fakeServer(states, [["max_connections"], []]);
    server.restart.mockImplementation(async () => {
      expect(states).toEqual(["Restarting", "Updating", "Ready"]);
    });
    await run();
    expect(server.restart).toHaveBeenCalledTimes(1);
    expect(states).toEqual(["Ready"]);
  });

  test.each(["Stopped", "Disabled", "Dropping"])(
    "doesn't wait for a server that is %s",
    async (state) => {
      const { server, run } = fakeServer([state], [["max_connections"]], 1e6);
      await expect(run()).rejects.toThrow(
        `the server is ${state}; start it (az postgres flexible-server start)`,
      );
      expect(server.restart).not.toHaveBeenCalled();
    },
  );

  test("fails if the server isn't ready in time", async () => {
    const { run } = fakeServer(["Updating"], [[]], 0);
    await expect(run()).rejects.toThrow(/still Updating after 0 s; run `pulumi up` again later/);
  });

  test("fails with the restart's error", async () => {
    const { server, run } = fakeServer(["Ready"], [["max_connections"]]);
    server.restart.mockRejectedValue(new Error("ServerIsBusy"));
    await expect(run()).rejects.toThrow("ServerIsBusy");
  });
});
