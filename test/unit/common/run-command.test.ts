import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { UserError } from "../../../common/user-error";
import { runCommand } from "../../../local/image/run-command";

let folder: string;
let logFile: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "run-"));
  logFile = path.join(folder, "logs", "image.log");
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const options = (more = {}) => ({ what: "Packing", logFile, ...more });

test("hands the input over and keeps all output in the log", async () => {
  await runCommand("sh", ["-c", "cat; echo complaint >&2"], options({ input: "text\n" }));
  expect(fs.readFileSync(logFile, "utf8")).toBe(
    "$ sh -c cat; echo complaint >&2\ntext\ncomplaint\n",
  );
});

test("a failure is told with the end of the output and the log's place", async () => {
  const running = runCommand("sh", ["-c", "echo disk full >&2; exit 3"], options());
  await expect(running).rejects.toThrow(UserError);
  await expect(running).rejects.toThrow(
    /^Packing: sh ended with 3:\n[^]*disk full\nSee .*image.log/,
  );
});

test("a command that isn't there is named", async () => {
  await expect(runCommand("no-such-command", [], options())).rejects.toThrow(
    "Packing: the command no-such-command isn't installed",
  );
});

test("an abort ends the command", async () => {
  const abort = new AbortController();
  const running = runCommand("tail", ["-f", "/dev/null"], options({ signal: abort.signal }));
  abort.abort(new UserError("interrupted"));
  await expect(running).rejects.toThrow("interrupted");
});
