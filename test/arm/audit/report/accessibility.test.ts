import axe from "axe-core";
import { type Page } from "playwright-core";
import { type LogRecord } from "../../../../audit/record";
import { logRecord } from "../../../unit/audit/records";
import {
  DEADLINE_MILLISECONDS,
  INSTALLATION_MILLISECONDS,
  NO_BROWSER,
  ReportBrowser,
} from "./browser";
import { describeInBrowser } from "./in-browser";
import { findingsOf, sampleRecords } from "./sample-records";

jest.setTimeout(DEADLINE_MILLISECONDS);

let browser: ReportBrowser;
let file = "";
beforeAll(async () => {
  if (NO_BROWSER !== undefined) return;
  browser = await ReportBrowser.start();
  const records: LogRecord[] = [
    ...sampleRecords(500),
    ...Array.from({ length: 12 }, (_, index) =>
      logRecord({ user_name: `user${index}`, server: "other", database_name: "hr" }),
    ),
    logRecord({ ambiguous: "names", user_name: null, parameters: ["1"], detail: "a detail" }),
  ];
  const broken = { file: "PT1H.json", file_offset: 1, length_bytes: 2, reason: "it ends early" };
  const tally = { system: 1, broken: 1, ambiguous: 1, brokenLines: [broken] };
  file = await browser.write(records, tally, { notable: findingsOf(records) });
}, INSTALLATION_MILLISECONDS);
afterAll(() => browser?.close());

/** What axe finds, with the elements. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const result = await page.evaluate<axe.AxeResults>("axe.run(document)");
  expect(result.passes.length).toBeGreaterThan(20);
  return result.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary = "" }) => `${id}: ${target.join(" ")}: ${failureSummary}`),
  );
}

const STATES: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  "at first": async () => undefined,
  "with filters and an opened list": async (page) => {
    await page.getByRole("button", { name: /^and \d+ more/ }).click();
    await page.locator("#categories button").first().click();
    await page.locator("#top-command button").first().click();
    await page.locator("#chosen .chip").nth(1).waitFor();
  },
  "with the records of a rule": async (page) => {
    await page.locator("#notable button").first().click();
    await page.locator("#chosen .chip").waitFor();
  },
  "without a match": async (page) => {
    await page.getByRole("searchbox").fill("no such thing");
    await page.getByText("No record matches.").waitFor();
  },
  "with an ambiguous record and its dialog": async (page) => {
    await page.getByRole("button", { name: "Show only ambiguous records" }).click();
    await page.locator("#row-0 .badge").click();
    await page.getByRole("dialog").waitFor();
  },
};

describeInBrowser.each(["light", "dark"] as const)("axe finds nothing in %s", (colorScheme) => {
  test.each(Object.keys(STATES))("%s", async (state) => {
    const { page } = await browser.open(file, { colorScheme });
    await page.locator("#broken-lines summary").click();
    await STATES[state]?.(page);
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });

  test("on a phone", async () => {
    const viewport = { width: 390, height: 844 };
    const { page } = await browser.open(file, { colorScheme, viewport });
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });
});
