/**
 * `npm run docs:report`: writes docs/report.png, the README's picture of the HTML report, from the records that the
 * report's tests use. It needs Chromium like these tests, and installs it as root.
 */
import * as path from "node:path";
import { runMain } from "../common/run-main";
import { ReportBrowser } from "../test/arm/audit/report/browser";
import { findingsOf, sampleRecords } from "../test/arm/audit/report/sample-records";

const FILE = path.resolve(__dirname, "../docs/report.png");
const VIEWPORT = { width: 1060, height: 1370 };
/** Charts and table show what these classes have. */
const FILTERS = "#class=DDL,ROLE,error";

async function main(): Promise<void> {
  const records = sampleRecords(3000);
  const browser = await ReportBrowser.start();
  try {
    const now = () => new Date("2026-11-22T18:05:00Z");
    const file = await browser.write(records, {}, { notable: findingsOf(records), now });
    const { page } = await browser.open(file, { viewport: VIEWPORT, colorScheme: "light" });
    await page.goto(page.url() + FILTERS);
    await page.locator("#found", { hasText: / of / }).waitFor();
    await page.screenshot({ path: FILE });
  } finally {
    await browser.close();
  }
}

runMain(main);
