import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { ensureDebianPackages } from "../../../../local/setup/system-packages";
import { newTally, type Tally } from "../../../../audit/output/tally";
import { HtmlReport, type HtmlReportOptions } from "../../../../audit/report/html-report";
import { type LogRecord } from "../../../../audit/record";

const CHROMIUM = "/usr/bin/chromium";
/** Chromium with what it depends on is 124 MB to download. */
export const INSTALLATION_MILLISECONDS = 15 * 60_000;
/** A loaded machine takes its time. */
export const DEADLINE_MILLISECONDS = 120_000;

/** Why there is no browser to test in; undefined where there is one, or it can be installed. */
export const NO_BROWSER =
  fs.existsSync(CHROMIUM) || process.getuid?.() === 0
    ? undefined
    : "Debian's package chromium isn't installed, and only root can install it";

/** A page that is open, and what it did besides. */
export interface OpenPage {
  readonly page: Page;
  readonly file: string;
  /** Errors and warnings of the console, and exceptions. */
  readonly complaints: string[];
  /** Addresses that were asked for, the page's own among them. */
  readonly requests: string[];
}

/** A real Chromium, and reports that are written and opened in it. */
export class ReportBrowser {
  private reports = 0;

  private constructor(
    private readonly browser: Browser,
    private readonly folder: string,
  ) {}

  static async start(): Promise<ReportBrowser> {
    await ensureDebianPackages(["chromium"], console.log);
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      // Chromium's sandbox refuses to work for root.
      chromiumSandbox: process.getuid?.() !== 0,
      timeout: DEADLINE_MILLISECONDS,
    });
    return new ReportBrowser(browser, fs.mkdtempSync(path.join(os.tmpdir(), "report-")));
  }

  async close(): Promise<void> {
    await this.browser.close();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  async write(
    records: readonly LogRecord[],
    tally: Partial<Tally> = {},
    options: Pick<HtmlReportOptions, "limits" | "notable" | "now"> = {},
  ): Promise<string> {
    this.reports += 1;
    const file = path.join(this.folder, `report-${this.reports}.html`);
    const report = new HtmlReport({ file, ...options });
    for (const record of records) report.write(record);
    await report.end({ ...newTally(), shown: records.length, ...tally });
    return file;
  }

  /** Opens the page from its file, and waits until its table is there. */
  async open(file: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
    const context = await this.browser.newContext(options);
    context.setDefaultTimeout(DEADLINE_MILLISECONDS);
    const complaints: string[] = [];
    const requests: string[] = [];
    const page = await context.newPage();
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => {
      complaints.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    context.on("request", (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    await page.locator("#found", { hasText: /^[\d,]+ record/ }).waitFor();
    return { page, file, complaints, requests };
  }
}
