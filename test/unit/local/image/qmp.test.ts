import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { ProvisioningChannel } from "../../../../local/image/provisioning-channel";
import { QmpClient, restoreMachineState, resumeAfterFullDisk } from "../../../../local/image/qmp";

let folder: string;
const servers: net.Server[] = [];

/** A socket's path may have 107 bytes; this folder's alone is longer. */
beforeEach(() => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "qmp-"));
  folder = path.join(root, "a".repeat(100), "b".repeat(100));
  fs.mkdirSync(folder, { recursive: true });
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  fs.rmSync(path.dirname(path.dirname(folder)), { recursive: true, force: true });
});

function listen(name: string, onConnection: (socket: net.Socket) => void): Promise<void> {
  const descriptor = fs.openSync(folder, "r");
  const server = net.createServer(onConnection);
  servers.push(server);
  return new Promise((resolve) =>
    server.listen(`/proc/self/fd/${descriptor}/${name}`, () => resolve()),
  );
}

/** A server with QEMU's protocol: a greeting, then a response to each command, with an event before it. */
function qemu(answers: Record<string, object[]>, heard: string[] = []): Promise<void> {
  return listen("qmp.sock", (socket) => {
    socket.write('{"QMP": {"version": {}}}\n');
    createInterface({ input: socket }).on("line", (line) => {
      const { execute } = JSON.parse(line) as { execute: string };
      heard.push(execute);
      const queue = answers[execute] ?? [];
      const answer = (queue.length > 1 ? queue.shift() : queue[0]) ?? { return: {} };
      socket.write('{"event": "RESUME"}\n' + JSON.stringify(answer) + "\n");
    });
  });
}

test.each([
  ["io-error", true, ["query-status", "cont"]],
  ["running", false, ["query-status"]],
  ["paused", false, ["query-status"]],
])("resumes a machine that waits for room on the disk: %s", async (status, isResumed, commands) => {
  const heard: string[] = [];
  await qemu({ "query-status": [{ return: { status } }] }, heard);
  const qmp = await QmpClient.connect(folder, "qmp.sock");
  expect(await resumeAfterFullDisk(qmp)).toBe(isResumed);
  qmp.close();
  expect(heard).toEqual(["qmp_capabilities", ...commands]);
});

test("restores a state: the machine continues after the end of the migration", async () => {
  const heard: string[] = [];
  const status = (text: string) => ({ return: { status: text } });
  await qemu({ "query-migrate": [status("setup"), status("active"), status("completed")] }, heard);
  const qmp = await QmpClient.connect(folder, "qmp.sock");
  await restoreMachineState(qmp, "/state");
  qmp.close();
  expect(heard.filter((command) => command !== "query-migrate")).toEqual([
    "qmp_capabilities",
    "migrate-set-capabilities",
    "migrate-incoming",
    "cont",
  ]);
});

test("a QEMU that is killed while a command is on its way fails the command, and nothing else", async () => {
  let socket: net.Socket | undefined;
  await listen("qmp.sock", (accepted) => {
    // It reads nothing, so its end resets the connection.
    socket = accepted.pause();
    socket.write('{"QMP": {}}\n{"return": {}}\n');
  });
  const qmp = await QmpClient.connect(folder, "qmp.sock");
  const answer = qmp.execute("query-status");
  socket?.destroy();
  await expect(answer).rejects.toThrow("QEMU closed its control socket");
  qmp.close();
});

test("reports why a state can't be restored", async () => {
  await qemu({ "query-migrate": [{ return: { status: "failed", "error-desc": "bad magic" } }] });
  const qmp = await QmpClient.connect(folder, "qmp.sock");
  await expect(restoreMachineState(qmp, "/state")).rejects.toThrow("state failed: bad magic");
  qmp.close();
});

test("reports QEMU's message where it refuses a command", async () => {
  await qemu({ quit: [{ error: { class: "GenericError", desc: "not now" } }] });
  const qmp = await QmpClient.connect(folder, "qmp.sock");
  await expect(qmp.execute("quit")).rejects.toThrow("QEMU refused quit: not now");
  qmp.close();
});

test("a machine that ends during a command is an error at once", async () => {
  await listen("qmp.sock", (socket) => {
    socket.write('{"QMP": {}}\n');
    socket.once("data", () => socket.destroy());
  });
  await expect(QmpClient.connect(folder, "qmp.sock")).rejects.toThrow("closed its control socket");
});

test("reads the guest's lines from any chunks, and reports the end of the machine", async () => {
  await listen("provisioning.sock", (socket) => {
    socket.write("rea");
    socket.once("data", (text) => socket.end(`dy\necho ${text.toString()}`));
  });
  const channel = await ProvisioningChannel.connect(folder);
  channel.send("hello");
  expect(await channel.receive("the guest", 20)).toBe("ready");
  expect(await channel.receive("the guest", 20)).toBe("echo hello");
  await expect(channel.receive("the guest", 20)).rejects.toThrow("the guest: the machine ended");
  channel.close();
});
