import { waitUntilWritable } from "../../../scripts/wait-until-writable";

const refusal = (code: string) => Object.assign(new Error(`refused: ${code}`), { code });
const failedOperation = (code: string) =>
  new Error(`The long-running operation has failed. ${code}. Try again later.`);

/** A server whose writes fail with these errors in turn, then succeed. */
function fakeServer(failures: Error[], timeoutSeconds = 5) {
  const lines: string[] = [];
  const write = jest.fn(async () => {
    const failure = failures.shift();
    if (failure) throw failure;
  });
  const options = {
    notify: (line: string) => void lines.push(line),
    pollSeconds: 0,
    timeoutSeconds,
  };
  return { write, lines, run: () => waitUntilWritable(write, options) };
}

describe("wait-until-writable", () => {
  test("writes once if the server accepts it", async () => {
    const { write, lines, run } = fakeServer([]);
    await run();
    expect(write).toHaveBeenCalledTimes(1);
    expect(lines).toEqual(["The server accepts writes."]);
  });

  test("writes again while the server is busy, and reports it once", async () => {
    const { write, lines, run } = fakeServer([
      refusal("ServerIsBusy"),
      failedOperation("ServerBusy"),
      refusal("ServerIsBusy"),
    ]);
    await run();
    expect(write).toHaveBeenCalledTimes(4);
    expect(lines).toEqual([
      "The server is busy with its creation; waiting.",
      "The server accepts writes.",
    ]);
  });

  test.each([
    refusal("AuthorizationFailed"),
    failedOperation("OperationFailed"),
    new Error("fetch failed"),
  ])("fails at once with any other error: %s", async (failure) => {
    const { write, run } = fakeServer([failure]);
    await expect(run()).rejects.toBe(failure);
    expect(write).toHaveBeenCalledTimes(1);
  });

  test("fails if the server stays busy", async () => {
    const { run } = fakeServer([refusal("ServerIsBusy")], 0);
    await expect(run()).rejects.toThrow(
      "the server is still busy after 0 s (refused: ServerIsBusy); run `pulumi up` again later",
    );
  });
});
