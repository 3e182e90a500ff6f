import * as fs from "node:fs";
import * as path from "node:path";
import { runCommand, runOrThrow } from "../../../common/run-command";
import { UserError } from "../../../common/user-error";
import { tempFolder } from "../support/temp-folder";

const folder = tempFolder();
const options = () => ({ what: "Packing", logFile: path.join(folder(), "logs", "image.log") });

describe("a command that is run to its end", () => {
  test("returns its output, and gets the environment, the folder and the input", async () => {
    const script = 'echo "$WORD $PWD $(cat)"; echo complaint >&2';
    const result = await runCommand("sh", ["-c", script], {
      ...{ cwd: "/", env: { WORD: "word" }, input: "text" },
    });
    expect(result).toEqual({ stdout: "word / text\n", output: "word / text\ncomplaint\n" });
  });

  test("may end without reading its input", async () => {
    const { failure } = await runCommand("true", [], { input: "x".repeat(1_000_000) });
    expect(failure).toBeUndefined();
  });

  test.each([
    ["a status", ["sh", "-c", "exit 3"], 60, "ended with 3"],
    ["a signal", ["sh", "-c", "kill -9 $$"], 60, "ended with SIGKILL"],
    ["the time limit", ["sleep", "60"], 0.1, "was ended after 0.1 s"],
    ["no such command", ["no-such-command"], 60, "isn't installed"],
  ])("reports %s as its failure", async (_, [command = "", ...args], timeoutSeconds, failure) => {
    expect(await runCommand(command, args, { timeoutSeconds })).toMatchObject({ failure });
  });

  test("ends when it is aborted", async () => {
    const abort = new AbortController();
    const running = runCommand("tail", ["-f", "/dev/null"], { signal: abort.signal });
    abort.abort(new UserError("interrupted"));
    await expect(running).rejects.toThrow("interrupted");
  });
});

describe("a command that must succeed", () => {
  test("writes its command line and all output into the log", async () => {
    await runOrThrow("sh", ["-c", "cat; echo complaint >&2"], { ...options(), input: "text\n" });
    expect(fs.readFileSync(options().logFile, "utf8")).toBe(
      "$ sh -c cat; echo complaint >&2\ntext\ncomplaint\n",
    );
    expect(fs.statSync(options().logFile).mode & 0o777).toBe(0o600);
  });

  test("throws with the end of the output and the log's path where it fails", async () => {
    const running = runOrThrow("sh", ["-c", "echo disk full >&2; exit 3"], options());
    await expect(running).rejects.toThrow(UserError);
    await expect(running).rejects.toThrow(
      /^Packing: sh ended with 3:\n[^]*disk full\nSee .*image.log/,
    );
  });

  test("names a command that isn't installed", async () => {
    await expect(runOrThrow("no-such-command", [], options())).rejects.toThrow(
      "Packing: no-such-command isn't installed",
    );
  });
});
