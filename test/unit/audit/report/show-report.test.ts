import { EventEmitter } from "node:events";
import { showReport, type ShowReportOptions } from "../../../../audit/report/show-report";

const FILE = "/home/dba/Q4 reports/trail #1.html";
const ADDRESS = "file:///home/dba/Q4%20reports/trail%20%231.html";
const DISPLAY = { DISPLAY: ":0" };

async function show(options: Partial<ShowReportOptions>) {
  const opened: string[] = [];
  const notices: string[] = [];
  const program = new EventEmitter();
  const open = async (address: string) => {
    opened.push(address);
    return program;
  };
  const notify = (line: string) => void notices.push(line);
  await showReport(FILE, {
    ...{ opens: true, env: DISPLAY, platform: "linux", open, notify },
    ...options,
  });
  return { opened, notices, program };
}

test("the report's address is said, and not opened without --open", async () => {
  const { opened, notices } = await show({ opens: false });
  expect(notices).toEqual([`the report is ${ADDRESS}`]);
  expect(opened).toEqual([]);
});

test.each([
  ["Linux with a display", { env: DISPLAY }],
  ["Wayland", { env: { WAYLAND_DISPLAY: "wayland-0" } }],
  ["Windows' Linux", { env: { WSL_DISTRO_NAME: "Debian" } }],
  ["macOS", { env: {}, platform: "darwin" as const }],
  ["Windows", { env: {}, platform: "win32" as const }],
])("--open opens it on %s", async (_system, options) => {
  const { opened, notices } = await show(options);
  expect(opened).toEqual([ADDRESS]);
  expect(notices).toHaveLength(1);
});

test("a machine without a display is named, and no browser is started", async () => {
  const { opened, notices } = await show({ env: { DISPLAY: "" } });
  expect(opened).toEqual([]);
  expect(notices[1]).toMatch(/^--open: there is no display here/);
});

test("a browser that doesn't start is reported", async () => {
  const refuse = () => Promise.reject(new Error("spawn xdg-open EACCES"));
  const { notices } = await show({ open: refuse });
  expect(notices[1]).toMatch(/^--open: the browser didn't start: .*EACCES/);
  const { program, notices: later } = await show({});
  program.emit("error", new Error("spawn xdg-open ENOENT"));
  expect(later[1]).toMatch(/ENOENT/);
});
