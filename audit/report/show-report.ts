import type { EventEmitter } from "node:events";
import { pathToFileURL } from "node:url";
import type { Notify } from "../../common/notify";

export interface ShowReportOptions {
  /** Whether to open the page in a browser, too. */
  readonly opens: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly notify: Notify;
  /** @default this system's */
  readonly platform?: NodeJS.Platform;
  /** Starts a program that opens an address in the default browser. @default the package open */
  readonly open?: (address: string) => Promise<EventEmitter>;
}

/** Says where the report is, and opens it. It is no error if it can't be opened: the report is there. */
export async function showReport(file: string, options: ShowReportOptions): Promise<void> {
  const { opens, env, notify, platform = process.platform, open = openInBrowser } = options;
  const address = pathToFileURL(file).href;
  notify(`the report is ${address}`);
  if (!opens) return;
  if (!hasDisplay(env, platform)) {
    notify("--open: there is no display here (DISPLAY and WAYLAND_DISPLAY are not set)");
    return;
  }
  const report = (error: unknown) => notify(`--open: the browser didn't start: ${String(error)}`);
  try {
    (await open(address)).once("error", report);
  } catch (error) {
    report(error);
  }
}

/** Windows, also under WSL, and macOS have one. */
function hasDisplay(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean {
  if (platform === "win32" || platform === "darwin") return true;
  return [env.DISPLAY, env.WAYLAND_DISPLAY, env.WSL_DISTRO_NAME].some(Boolean);
}

/** The package is an ES module, and runs its own files: it isn't part of the bundle. */
async function openInBrowser(address: string): Promise<EventEmitter> {
  const { default: open } = await import("open");
  return open(address);
}
