import { EXIT, runAudit } from "../../../audit/run";
import type { StackTrail } from "../../../audit/sources/open-trail";
import { CapturedStream } from "./output/captured-stream";

function run(argv: readonly string[], findStackTrail?: () => Promise<StackTrail>) {
  return runAudit(argv, {
    program: "pg-audit",
    env: {},
    stdout: new CapturedStream(),
    notify: () => undefined,
    signal: AbortSignal.abort(),
    findStackTrail,
  });
}

test("the host finds the trail of a stack, the named or the default one", async () => {
  const findStackTrail = jest.fn().mockRejectedValue(new Error("no such stack"));
  await expect(run(["--stack", "dev"], findStackTrail)).rejects.toThrow("no such stack");
  await expect(run([], findStackTrail)).rejects.toThrow("no such stack");
  expect(findStackTrail.mock.calls).toEqual([["dev"], [undefined]]);
});

test("a file is read without the host", async () => {
  const findStackTrail = jest.fn();
  expect(await run([__filename], findStackTrail)).toBe(EXIT.interrupted);
  expect(findStackTrail).not.toHaveBeenCalled();
});
