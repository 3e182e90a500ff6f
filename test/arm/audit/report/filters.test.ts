import * as fs from "node:fs";
import { pathToFileURL } from "node:url";
import { type Page } from "playwright-core";
import { csvLine } from "../../../../audit/output/csv-line";
import { type FieldName, FIELDS, type LogRecord } from "../../../../audit/record";
import { categoryOf } from "../../../../audit/report/report-data";
import { logRecord } from "../../../unit/audit/records";
import {
  DEADLINE_MILLISECONDS,
  INSTALLATION_MILLISECONDS,
  NO_BROWSER,
  ReportBrowser,
} from "./browser";
import { describeInBrowser } from "./in-browser";
import { sampleRecords } from "./sample-records";

jest.setTimeout(DEADLINE_MILLISECONDS);

const RECORDS = sampleRecords(3000);
let browser: ReportBrowser;
let file = "";
beforeAll(async () => {
  if (NO_BROWSER !== undefined) return;
  browser = await ReportBrowser.start();
  file = await browser.write(RECORDS);
}, INSTALLATION_MILLISECONDS);
afterAll(() => browser?.close());

type Fits = (record: LogRecord) => boolean;
const grouped = (number: number) => number.toLocaleString("en-US");
const isBobs: Fits = ({ user_name: user }) => user === "bob";
const isWrite: Fits = (record) => categoryOf(record) === "WRITE";

/** Waits for the result of a filter. */
const found = (page: Page, fits: Fits, records = RECORDS) =>
  page
    .locator("#found", {
      hasText: `${grouped(records.filter(fits).length)} of ${grouped(records.length)} records`,
    })
    .waitFor();

/** The counts of all charts, as the page tells them to screen readers. */
async function chartsOf(page: Page): Promise<Record<string, string[]>> {
  const labels = async (place: string) => {
    const buttons = page.locator(`${place} .top-value`);
    const all = await Promise.all(
      (await buttons.all()).map(async (found) => (await found.getAttribute("aria-label")) ?? ""),
    );
    return all.sort();
  };
  const chart = await page.locator("#timeline-chart").getAttribute("aria-label");
  return {
    users: await labels("#top-user"),
    objects: await labels("#top-object"),
    commands: await labels("#top-command"),
    timeline: (/In all: (.*)/.exec(chart ?? "")?.[1] ?? "").split(", ").sort(),
  };
}

function expectedCharts(fits: Fits): Record<string, string[]> {
  const records = RECORDS.filter(fits);
  const counts = (valueOf: (record: LogRecord) => string | null) => {
    const values = records.map(valueOf).filter((value) => value !== null);
    return [...new Set(values)].map(
      (value) => [value, values.filter((other) => other === value).length] as const,
    );
  };
  const labels = (valueOf: (record: LogRecord) => string | null) =>
    counts(valueOf)
      .map(([value, count]) => `${value}: ${grouped(count)} ${count === 1 ? "record" : "records"}`)
      .sort();
  return {
    users: labels((record) => record.user_name),
    objects: labels((record) => record.object_name),
    commands: labels((record) => record.command),
    timeline: counts(categoryOf)
      .map(([category, count]) => `${category} ${grouped(count)}`)
      .sort(),
  };
}

/** Chooses a value in the page's charts. */
const choose = (page: Page, place: string, name: string) =>
  page
    .locator(place)
    .getByRole("button", { name: new RegExp(`^${name}:`) })
    .click();

describeInBrowser("the charts", () => {
  test("agree with the table for every filter", async () => {
    const { page } = await browser.open(file);
    expect(await chartsOf(page)).toEqual(expectedCharts(() => true));
    const steps: [Fits, () => Promise<void>][] = [
      [isBobs, () => choose(page, "#top-user", "bob")],
      [isWrite, () => choose(page, "#categories", "WRITE")],
      [
        ({ object_name: object }) => object === "public.stock",
        () => choose(page, "#top-object", "public.stock"),
      ],
      [
        ({ statement }) => statement?.includes("ledger") ?? false,
        () => page.getByRole("searchbox").fill("update ledger"),
      ],
    ];
    let fits: Fits = () => true;
    for (const [fitsToo, step] of steps) {
      const before = fits;
      fits = (record) => before(record) && fitsToo(record);
      await step();
      await found(page, fits);
      expect(await chartsOf(page)).toEqual(expectedCharts(fits));
    }
    await page.getByRole("button", { name: "Show all" }).click();
    await choose(page, "#top-command", "CREATE INDEX");
    const isIndex: Fits = ({ command }) => command === "CREATE INDEX";
    await found(page, isIndex);
    expect(await chartsOf(page)).toEqual(expectedCharts(isIndex));
    await page.context().close();
  });

  test("show a time that is chosen by dragging in finer bars", async () => {
    const { page } = await browser.open(file);
    const chart = await page.locator("#timeline-chart").boundingBox();
    const { x = 0, y = 0, width = 0, height = 0 } = chart ?? {};
    await page.mouse.move(x + width * 0.4, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.5, y + height / 2, { steps: 5 });
    await page.mouse.up();
    const chip = page.getByRole("button", { name: /^Remove the filter Time/ });
    const [, from = "", to = ""] =
      /: .* (\S+) to (\S+)×/.exec((await chip.textContent()) ?? "") ?? [];
    const inSpan: Fits = ({ time }) => time.slice(11, 19) >= from && time.slice(11, 19) < to;
    await found(page, inSpan);
    expect(await chartsOf(page)).toEqual(expectedCharts(inSpan));
    expect(await page.locator("#timeline-step").textContent()).toMatch(/^by (minute|30 seconds)/);
    await page.context().close();
  });

  test("say that a filter sees only the records of the table, if there are more", async () => {
    const limits = { records: 1000, characters: 1e9 };
    const { page } = await browser.open(await browser.write(RECORDS, {}, { limits }));
    expect((await chartsOf(page)).users).toEqual(expectedCharts(() => true).users);
    await choose(page, "#top-user", "bob");
    await found(page, isBobs, RECORDS.slice(2000));
    const bobs = RECORDS.slice(2000).filter(isBobs).length;
    expect((await chartsOf(page)).users).toEqual([`bob: ${bobs} records`]);
    expect(await page.locator("#timeline-step").textContent()).toContain("of the newest 1,000");
    await page.goto(`${page.url().split("#")[0]}#to=2026-11-22T09:00Z`);
    await page.getByText("The table has only newer records than these").waitFor();
    await page.context().close();
  });

  test("open the values that they don't show at first", async () => {
    const records = Array.from({ length: 17 }, (_, index) =>
      logRecord({ user_name: `user${index}` }),
    );
    const { page } = await browser.open(await browser.write(records));
    const users = page.locator("#top-user .top-value");
    expect(await users.count()).toBe(10);
    await page.getByRole("button", { name: "and 7 more, with 7 records" }).click();
    expect(await users.count()).toBe(17);
    const control = page.getByRole("button", { name: "show the first 10 only" });
    expect(await control.evaluate("document.activeElement.textContent")).toContain("first 10");
    await control.click();
    expect(await users.count()).toBe(10);
    await page.context().close();
  });
});

describeInBrowser("the address", () => {
  test("contains the filters, and restores them", async () => {
    const { page } = await browser.open(file);
    await choose(page, "#top-user", "bob");
    await choose(page, "#categories", "WRITE");
    await choose(page, "#categories", "READ");
    await page.getByRole("searchbox").fill("from ledger & stock");
    const address = `${pathToFileURL(file).href}#user=bob&class=WRITE,READ&q=from+ledger+%26+stock`;
    await page.waitForURL(address);
    await page.getByRole("searchbox").fill('"from ledger"');
    await page.waitForURL((url) => url.hash.endsWith("q=%22from+ledger%22"));
    const other = await page.context().newPage();
    await other.goto(`${page.url()}&from=2026-11-22T09:00Z&to=2026-11-22T10:30:00Z&order=oldest`);
    await found(other, (record) => {
      const clock = record.time.slice(11, 16);
      const isFound = isBobs(record) && record.statement?.includes("FROM ledger\n") === true;
      return isFound && clock >= "09:00" && clock < "10:30";
    });
    expect(await other.getByRole("searchbox").inputValue()).toBe('"from ledger"');
    const heading = other.getByRole("columnheader", { name: /^Time/ });
    expect(await heading.getAttribute("aria-sort")).toBe("ascending");
    await page.context().close();
  });

  test("goes back and forward through the filters", async () => {
    const { page } = await browser.open(file);
    await choose(page, "#top-user", "bob");
    await found(page, isBobs);
    await choose(page, "#categories", "WRITE");
    await found(page, (record) => isBobs(record) && isWrite(record));
    await page.goBack();
    await found(page, isBobs);
    await page.goBack();
    await page.locator("#found", { hasText: /^3,000 records$/ }).waitFor();
    await page.goForward();
    await found(page, isBobs);
    await page.goto(`${pathToFileURL(file).href}#class=ROLE&pid=no&from=never&nonsense`);
    await found(page, ({ class: name }) => name === "ROLE");
    expect(await page.locator("#chosen .chip").allTextContents()).toEqual(["Class: ROLE×"]);
    await page.context().close();
  });
});

describeInBrowser("the download", () => {
  test("has the shown records with all their fields, and no formulas", async () => {
    const records = [
      ...RECORDS.slice(0, 50),
      logRecord({ user_name: "bob", application_name: "=cmd|' /C calc'!A0", rows: -1 }),
    ];
    const { page } = await browser.open(await browser.write(records));
    await choose(page, "#top-user", "bob");
    await found(page, isBobs, records);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download as CSV" }).click(),
    ]);
    const names = Object.keys(FIELDS) as FieldName[];
    const lines = records
      .filter(isBobs)
      .sort((a, b) => (a.time < b.time ? 1 : -1))
      .map((record) => csvLine(names.map((name) => record[name])).replace("=cmd|", "'=cmd|"));
    const text = fs.readFileSync(await download.path(), "utf8");
    expect(text).toBe(`\ufeff${csvLine(names)}${lines.join("")}`);
    expect(text).toContain(",'=cmd|' /C calc'!A0,");
    expect(download.suggestedFilename()).toMatch(/^Audit-trail-of-pgflex-2026-11-22\.csv$/);
    await page.context().close();
  });
});
