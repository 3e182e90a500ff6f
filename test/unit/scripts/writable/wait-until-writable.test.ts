import { waitUntilWritable } from "../../../../scripts/writable/wait-until-writable";

const refusal = (code: string) => Object.assign(new Error(`refused: ${code}`), { code });
const failedOperation = (code: string) =>
  new Error(`The long-running operation has failed. ${code}. Try again later.`);

/** A server whose writes meet these failures, one after the other, and none after them. */
function fakeServer(failures: Error[], timeoutSeconds = 5) {
  const lines: string[] = [];
  const server = {
    write: jest.fn(async () => {
      const failure = failures.shift();
      if (failure) throw failure;
    }),
    say: (line: string) => lines.push(line),
    pollSeconds: 0,
    timeoutSeconds,
  };
  return { server, lines };
}

describe("wait-until-writable", () => {
  test("writes once where the server takes it", async () => {
    const { server, lines } = fakeServer([]);
    await waitUntilWritable(server);
    expect(server.write).toHaveBeenCalledTimes(1);
    expect(lines).toEqual(["The server takes writes."]);
  });

  test("writes again while the server is busy, refused or failed, and says so once", async () => {
    const { server, lines } = fakeServer([
      refusal("ServerIsBusy"),
      failedOperation("ServerBusy"),
      refusal("ServerIsBusy"),
    ]);
    await waitUntilWritable(server);
    expect(server.write).toHaveBeenCalledTimes(4);
    expect(lines).toEqual([
      "The server is busy with its creation; waiting.",
      "The server takes writes.",
    ]);
  });

  test.each([
    refusal("AuthorizationFailed"),
    failedOperation("OperationFailed"),
    new Error("fetch failed"),
  ])("ends at once with any other failure: %s", async (failure) => {
    const { server } = fakeServer([failure]);
    await expect(waitUntilWritable(server)).rejects.toBe(failure);
    expect(server.write).toHaveBeenCalledTimes(1);
  });

  test("gives up on a server that stays busy", async () => {
    const { server } = fakeServer([refusal("ServerIsBusy")], 0);
    await expect(waitUntilWritable(server)).rejects.toThrow(
      "the server is still busy after 0 s (refused: ServerIsBusy); run `pulumi up` again later",
    );
  });
});
