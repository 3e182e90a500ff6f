import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as path from "node:path";
import { pollUntil } from "../../../../common/poll";
import { tempFolder } from "../../support/temp-folder";
import { auditMessage, azureLine } from "../azure-lines";

const PROGRAM = path.join(__dirname, "../../../../audit/bin/pg-audit.js");
const LINE = `${azureLine({ message: auditMessage("READ", "SELECT", "SELECT 1") })}\n`;
const folder = tempFolder();

function start(...args: readonly string[]) {
  const program = spawn(PROGRAM, args);
  const text = { stdout: "", stderr: "" };
  program.stdout.on("data", (bytes: Buffer) => (text.stdout += bytes.toString()));
  program.stderr.on("data", (bytes: Buffer) => (text.stderr += bytes.toString()));
  return { program, text };
}

async function statusOf(program: ChildProcess): Promise<number | null> {
  const [status] = (await once(program, "close")) as [number | null];
  return status;
}

test.each([[[]], [["--threads", "2"]]])(
  "a closed pipe ends the reading with 0, without a broken line %p",
  async (options) => {
    const file = path.join(folder(), "PT1H.json");
    fs.writeFileSync(file, LINE.repeat(20_000));
    const { program, text } = start("--format", "json", ...options, file);
    program.stdout.once("data", () => program.stdout.destroy());
    expect(await statusOf(program)).toBe(0);
    expect(text.stderr).not.toMatch(/broken/);
    expect(text.stderr).toMatch(/^audit: stopped early after [\d,]+ records\n$/m);
  },
);

test("Ctrl-C ends the reading with 130, and a half-read line isn't broken", async () => {
  const { program, text } = start("--format", "raw", "-");
  program.stdin.write(`${LINE}${LINE.slice(0, 100)}`);
  await pollUntil(() => text.stdout === LINE, { what: "the first record", timeoutSeconds: 30 });
  program.kill("SIGINT");
  expect(await statusOf(program)).toBe(130);
  expect(text.stderr).toBe("audit: 1 record\naudit: stopped early after 1 record\n");
});
