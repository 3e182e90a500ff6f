import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pollUntil } from "../../../../common/poll";
import { shellQuote } from "../../../../common/shell-quote";
import { PROJECT_ROOT } from "../../../../local/paths";
import { azureLine, PREFIX } from "../../audit/decode/decoding";
import { AUDIT_TAIL, AuditTail } from "../../support/audit-tail";

const auditTail = new AuditTail();

describe("--decode", () => {
  const entry = (statement: string): string =>
    `${azureLine(`${PREFIX}LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,${statement},<none>`)}\n`;
  const azures = entry("SELECT 'azure'").replace("user-alice", "user-azuresu");
  const short = (statement: string): string =>
    `19:24:35  alice@postgres        READ        SELECT  ${statement}\n`;

  test("prints a short line a record, of every hour, and at the end the numbers of hidden and undecoded lines", async () => {
    auditTail.container.append("2024/03/05/09", entry("SELECT 'old'") + azures + entry("SELECT 1"));
    const tail = auditTail.follow("--decode", "--lines", "2");
    await tail.waitFor("SELECT 1");
    auditTail.container.append("2024/03/05/09", '{"half');
    auditTail.container.append("2024/03/05/10", azures + azures + entry("SELECT 2"));
    await tail.waitFor("SELECT 2");
    auditTail.container.append("2024/03/05/09", '"\n');
    await tail.waitFor("half");
    tail.process.kill("SIGTERM");
    await expect(tail.status).resolves.toBe(143);
    expect(tail.out).toBe(short("SELECT 1") + short("SELECT 2") + 'not decoded: {"half"\n');
    expect(tail.err).toContain("3 lines of Azure's own sessions hidden (--system shows them)");
    expect(tail.err).toContain("1 line not decoded");
  });

  test("--system shows Azure's own sessions", async () => {
    auditTail.container.append("2024/03/05/09", azures + entry("SELECT 1"));
    const tail = auditTail.follow("--decode", "--system", "--from-start");
    await tail.waitFor("SELECT 1");
    tail.process.kill("SIGTERM");
    await tail.status;
    expect(tail.out).toContain("azuresu@postgres");
    expect(tail.err).not.toContain("hidden");
  });

  test("without jq it names jq in one line; without --decode it follows all the same", async () => {
    auditTail.container.append("2024/03/05/09", "raw\n");
    const env = { ...process.env, PATH: auditTail.pathWithoutJq() };
    const args = ["--root", auditTail.container.root, "--interval", "0.02", "--from-start"];
    const decoding = spawnSync(AUDIT_TAIL, [...args, "--decode"], { env, encoding: "utf8" });
    expect(decoding).toMatchObject({
      ...{ status: 69, stdout: "" },
      stderr: "audit-tail: --decode needs jq; install it with: sudo dnf install jq\n",
    });
    const raw = spawnSync(AUDIT_TAIL, args, { env, encoding: "utf8", timeout: 1000 });
    expect(raw.stdout).toBe("raw\n");
  });

  test.each([
    ["is coloured and cut to its width", {}, /\x1b\[32mREAD.*x…\r\n$/],
    ["has no colours with NO_COLOR", { NO_COLOR: "1" }, /^19:24:35[^\x1b]*x…\r\n$/m],
  ])("on a terminal it %s", async (_, environment, pattern) => {
    auditTail.container.append("2024/03/05/09", entry(`SELECT ${"x".repeat(500)}`));
    const command = [AUDIT_TAIL, "--root", auditTail.container.root, "--decode", "--from-start"];
    const onTerminal = `stty cols 70; exec ${command.map(shellQuote).join(" ")}`;
    const { NO_COLOR: _ignored, ...inherited } = process.env;
    const terminal = spawn(
      "script",
      ["--quiet", "--return", "--command", onTerminal, "/dev/null"],
      {
        env: { ...inherited, TERM: "xterm", ...environment },
      },
    );
    let out = "";
    terminal.stdout.on("data", (data: Buffer) => (out += data.toString()));
    const ended = new Promise((resolve) => terminal.once("close", resolve));
    await pollUntil(() => out.includes("…"), { what: "a line", timeoutSeconds: 25 });
    terminal.stdin.write("\x03"); // Ctrl-C
    await ended;
    const line = out.split("\n").find((text) => text.includes("SELECT")) ?? "";
    expect(`${line}\n`).toMatch(pattern);
    expect(line.replace(/\x1b\[[\d;]*m|\r/g, "")).toHaveLength(70);
  });
});

describe("install-audit-tail.sh", () => {
  const install = path.join(PROJECT_ROOT, "scripts", "vm", "install-audit-tail.sh");
  let bin: string;

  function step(verb: string, env: NodeJS.ProcessEnv = {}) {
    const folder = (name: string) => path.join(auditTail.container.folder, name);
    bin = folder("bin");
    fs.mkdirSync(bin, { recursive: true });
    const folders = { BIN_FOLDER: bin, LIB_FOLDER: folder("lib"), STATE_FOLDER: folder("state") };
    const cached = path.join(auditTail.container.folder, "cached");
    return spawnSync(
      "bash",
      [install, verb, auditTail.container.root, cached, "/var/cache/blobfuse2"],
      {
        env: { ...process.env, ...folders, ...env },
        encoding: "utf8",
      },
    );
  }

  // The step runs as root alone; on the VM the end-to-end test runs it.
  const asRoot = os.userInfo().uid === 0 ? test : test.skip;

  asRoot("installs the decoder and the mount as the folder, and removes both", async () => {
    step("apply");
    expect(step("apply")).toMatchObject({ status: 0, stderr: "" });
    auditTail.container.append("2024/03/05/09", `${azureLine(`${PREFIX}LOG:  hello`)}\n`);
    const tail = spawn(path.join(bin, "audit-tail"), ["--decode", "--from-start"]);
    let out = "";
    tail.stdout.on("data", (data: Buffer) => (out += data.toString()));
    tail.stdout.resume();
    const ended = new Promise((resolve) => tail.once("close", resolve));
    await pollUntil(() => out.includes("\n"), { what: "a line", timeoutSeconds: 25 });
    tail.kill("SIGTERM");
    await ended;
    expect(out).toBe("19:24:35  alice@postgres        log         hello\n");
    expect(step("remove")).toMatchObject({ status: 0, stderr: "" });
    expect(fs.readdirSync(auditTail.container.folder).sort()).toEqual(["bin", "mycontainer"]);
    expect(fs.readdirSync(bin)).toEqual([]);
  });

  asRoot("installs jq where it is missing, and removes only what it installed", () => {
    const PATH = auditTail.pathWithoutJq();
    const calls = path.join(auditTail.container.folder, "calls");
    const program = (name: string, text: string) => {
      fs.rmSync(path.join(PATH, name), { force: true });
      fs.writeFileSync(path.join(PATH, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
    };
    program("rpm", "exit 0");
    program(
      "dnf",
      `echo "$*" >>${calls}; if [[ $3 == install ]]; then cp /bin/true ${PATH}/jq; fi`,
    );
    expect(step("apply", { PATH })).toMatchObject({ status: 0, stderr: "" });
    expect(step("apply", { PATH })).toMatchObject({ status: 0, stderr: "" });
    expect(step("remove", { PATH })).toMatchObject({ status: 0, stderr: "" });
    const installedByUs = "--assumeyes --quiet install jq\n--assumeyes --quiet remove jq\n";
    expect(fs.readFileSync(calls, "utf8")).toBe(installedByUs);
    // The fake dnf left jq in place: now it is somebody else's.
    expect(step("apply", { PATH }).status).toBe(0);
    expect(step("remove", { PATH }).status).toBe(0);
    expect(fs.readFileSync(calls, "utf8")).toBe(installedByUs);
  });
});
