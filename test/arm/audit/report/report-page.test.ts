import { pathToFileURL } from "node:url";
import { type Page } from "playwright-core";
import { categoryOf } from "../../../../audit/report/report-data";
import { type LogRecord } from "../../../../audit/record";
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
const BROKEN = {
  file: "resourceId=/A/PT1H.json",
  file_offset: 512,
  length_bytes: 77,
  reason: "it ends <b>early</b>",
};
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 800 };

let browser: ReportBrowser;
let file = "";
beforeAll(async () => {
  if (NO_BROWSER !== undefined) return;
  browser = await ReportBrowser.start();
  file = await browser.write(RECORDS, { system: 42, broken: 1, brokenLines: [BROKEN] });
}, INSTALLATION_MILLISECONDS);
afterAll(() => browser?.close());

const countOf = (fits: (record: LogRecord) => boolean) => RECORDS.filter(fits).length;
const grouped = (number: number) => number.toLocaleString("en-US");
const found = (page: Page, number: number) =>
  page.locator("#found", { hasText: `${grouped(number)} of 3,000 records` }).waitFor();
const rows = (page: Page) => page.locator("#rows tr");
const figure = (page: Page, name: string) => page.locator(`#figure-${name}`).textContent();

/** Colours that the canvas shows: one where it is blank. */
const colorsOf = (page: Page) =>
  page.evaluate<number>(`(() => {
    const canvas = document.querySelector("#timeline-chart");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  })()`);

describeInBrowser("the page", () => {
  describe.each([
    ["a phone", PHONE],
    ["a desktop", DESKTOP],
  ])("on %s", (_device, viewport) => {
    test.each(["light", "dark"] as const)("is whole and quiet in %s", async (colorScheme) => {
      const opened = await browser.open(file, { viewport, colorScheme });
      const { page, complaints, requests } = opened;
      expect(await colorsOf(page)).toBeGreaterThan(5);
      await page.locator("#records-heading").scrollIntoViewIfNeeded();
      await rows(page).first().waitFor();
      const width = await page.evaluate<number>("document.documentElement.scrollWidth");
      expect(width).toBe(viewport.width);
      const background = await page.evaluate<string>(
        "getComputedStyle(document.body).backgroundColor",
      );
      expect(background).toBe(colorScheme === "dark" ? "rgb(14, 17, 22)" : "rgb(245, 246, 248)");
      expect(complaints).toEqual([]);
      expect(requests).toEqual([pathToFileURL(file).href]);
      await page.context().close();
    });
  });

  test("shows the counts, and what is hidden", async () => {
    const { page } = await browser.open(file);
    expect(await figure(page, "records")).toBe("3,000");
    expect(await figure(page, "errors")).toBe(grouped(countOf(({ kind }) => kind === "error")));
    expect(await figure(page, "system")).toBe("42");
    expect(await figure(page, "broken")).toBe("1");
    await page.getByText("1 line could not be decoded").click();
    const line = page.locator("#broken-lines li");
    expect(await line.textContent()).toContain("byte 512, 77 bytes: it ends <b>early</b>");
    const app = page.locator("#top-user").getByRole("button").first();
    const appRecords = grouped(countOf(({ user_name: user }) => user === "app"));
    expect(await app.getAttribute("aria-label")).toBe(`app: ${appRecords} records`);
    await page.context().close();
  });

  test("searches words in any field, and quoted words exactly", async () => {
    const { page } = await browser.open(file);
    const search = page.getByRole("searchbox");
    await search.fill("ALICE grant");
    const isGrant = ({ command }: LogRecord) => command === "GRANT";
    await found(
      page,
      countOf((record) => isGrant(record) && record.user_name === "alice"),
    );
    await search.fill('"select on all tables"');
    await found(page, countOf(isGrant));
    await search.fill("no such thing");
    await page.getByText("No record matches.").waitFor();
    await page.locator("#clear").click();
    await page.locator("#found", { hasText: /^3,000 records$/ }).waitFor();
    expect(await search.inputValue()).toBe("");
    await page.context().close();
  });

  test("narrows the table by a class, a user and a bar of the timeline, and lets go of each", async () => {
    const { page } = await browser.open(file, { viewport: DESKTOP });
    await page
      .locator("#categories")
      .getByRole("button", { name: /^WRITE:/ })
      .click();
    const isWrite = (record: LogRecord) => categoryOf(record) === "WRITE";
    await found(page, countOf(isWrite));
    await page.locator("#top-user").getByRole("button", { name: /^bob:/ }).click();
    const isBobs = (record: LogRecord) => isWrite(record) && record.user_name === "bob";
    await found(page, countOf(isBobs));
    await page.locator("#timeline-chart").click();
    const chip = page.getByRole("button", { name: /^Remove the filter Time/ });
    const [, from = "", to = ""] =
      /: .* (\S+) to (\S+)×/.exec((await chip.textContent()) ?? "") ?? [];
    const clock = ({ time }: LogRecord) => time.slice(11, 19);
    const inSpan = (record: LogRecord) => clock(record) >= from && clock(record) < to;
    await found(
      page,
      countOf((record) => isBobs(record) && inSpan(record)),
    );
    await page.getByRole("button", { name: "Remove the filter Class: WRITE" }).click();
    await found(
      page,
      countOf((record) => record.user_name === "bob" && inSpan(record)),
    );
    await chip.click();
    await found(
      page,
      countOf((record) => record.user_name === "bob"),
    );
    await page.context().close();
  });

  test("shows a whole record, and those of its session", async () => {
    const { page } = await browser.open(file);
    const newest = RECORDS.at(-1) as LogRecord;
    await rows(page).first().click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.locator("pre").first().textContent()).toBe(newest.statement);
    expect(await dialog.locator(".fields").textContent()).toContain(newest.client);
    await dialog.getByRole("button", { name: "Show only this process" }).click();
    await found(
      page,
      countOf((record) => record.process_id === newest.process_id),
    );
    expect(await dialog.isVisible()).toBe(false);
    await page.context().close();
  });

  test("is used by the keyboard alone", async () => {
    const { page } = await browser.open(file);
    await page.getByRole("grid", { name: "Records" }).focus();
    for (const key of ["ArrowDown", "ArrowDown", "ArrowUp", "Enter"])
      await page.keyboard.press(key);
    const heading = page.getByRole("heading", { level: 2, name: "Record 2 of 3,000" });
    await heading.waitFor();
    await page.keyboard.press("ArrowRight");
    await page.getByRole("heading", { name: "Record 3 of 3,000" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("End");
    await page.locator("#rows tr[data-active]").getByText(RECORDS[0]!.time.slice(11, 19)).waitFor();
    await page.getByRole("img", { name: /^Records over time/ }).focus();
    for (const key of ["Home", "Enter"]) await page.keyboard.press(key);
    await page
      .getByRole("button", { name: /^Remove the filter Time: 2026-11-22 08:00:00/ })
      .waitFor();
    await page.context().close();
  });

  test("sorts by time either way", async () => {
    const { page } = await browser.open(file);
    const heading = page.getByRole("columnheader", { name: /^Time/ });
    expect(await heading.getAttribute("aria-sort")).toBe("descending");
    await heading.getByRole("button").click();
    const first = rows(page).first().locator("time");
    await page.locator(`#row-0 time[datetime="${RECORDS[0]!.time}"]`).waitFor();
    expect(await first.getAttribute("datetime")).toBe(RECORDS[0]!.time);
    await page.context().close();
  });

  test("changes from light to dark by its switch, and prints on white", async () => {
    const { page } = await browser.open(file, { colorScheme: "light" });
    const theme = () => page.evaluate<string>("document.documentElement.dataset.theme");
    await page.getByRole("button", { name: "Dark", pressed: false }).click();
    expect(await theme()).toBe("dark");
    await page.evaluate(`addEventListener("beforeprint", () => {
      const rows = document.querySelectorAll("#rows tr").length;
      window.printed = [document.documentElement.dataset.theme, rows];
    })`);
    await page.pdf();
    expect(await page.evaluate("window.printed")).toEqual(["light", 500]);
    expect(await theme()).toBe("dark");
    await page.context().close();
  });
});

describeInBrowser("hostile records", () => {
  const HOSTILE = [
    `</script><script>alert("script")</script>`,
    `<img src=x onerror="alert('img')">`,
    `"><svg onload=alert(1)> ' \` \${1} {{1}}`,
    "NUL \u0000, an escape \u001b[2J, turned \u202e txt, \u2028 and half a \ud83d",
  ];

  test("are text and nothing else", async () => {
    const records = HOSTILE.map((text) =>
      logRecord({
        ...{ statement: text, user_name: text, object_name: text, command: text, server: text },
        ...{ class: null, kind: "statement", parameters: [text] },
      }),
    );
    const line = { ...BROKEN, file: HOSTILE[1] as string, reason: HOSTILE[0] as string };
    const hostile = await browser.write(records, { broken: 1, brokenLines: [line] });
    const { page, complaints, requests } = await browser.open(hostile);
    for (let index = 0; index < HOSTILE.length; index += 1) {
      await page.locator(`#row-${index}`).click();
      await page.locator("#record-close").click();
    }
    await page.locator("#top-user").getByRole("button").first().click();
    expect(await page.locator("img, svg, iframe").count()).toBe(0);
    expect(await page.locator("script").count()).toBe(1);
    expect(complaints).toEqual([]);
    expect(requests).toHaveLength(1);
    await page.context().close();
  });

  test("are shown as they are, with invisible characters visible", async () => {
    const statement = `SELECT '<b>☕</b>',\n\t'${HOSTILE[3]}'`;
    const { page } = await browser.open(await browser.write([logRecord({ statement })]));
    await page.locator("#row-0").click();
    expect(await page.locator("#record pre").textContent()).toBe(
      "SELECT '<b>☕</b>',\n\t'NUL \\x00, an escape \\x1b[2J, turned \\u202e txt, \\u2028 and half a \\ud83d'",
    );
    await page.context().close();
  });
});

describeInBrowser("100,000 records", () => {
  test("are searched and scrolled with few rows in the document", async () => {
    const many = sampleRecords(100_000);
    const { page, complaints } = await browser.open(await browser.write(many));
    await page.getByRole("searchbox").fill("grant alice");
    const grants = many.filter(
      ({ command, user_name: user }) => command === "GRANT" && user === "alice",
    );
    await page.locator("#found", { hasText: `${grants.length} of 100,000 records` }).waitFor();
    await page.getByRole("searchbox").fill("");
    await page.locator("#found", { hasText: /^100,000 records$/ }).waitFor();
    await page.getByRole("grid").focus();
    await page.keyboard.press("End");
    await page.locator(`#row-99999 time[datetime="${many[0]!.time}"]`).waitFor();
    expect(await rows(page).count()).toBeLessThan(100);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("beyond the table's limit are counted by the charts, and the page says so", async () => {
    const limits = { records: 1000, characters: 1e9 };
    const { page } = await browser.open(await browser.write(RECORDS, {}, { limits }));
    await page.getByText("The charts count all 3,000 records until a filter is chosen.").waitFor();
    expect(await page.locator("#found").textContent()).toBe("1,000 records");
    await page.context().close();
  });
});
