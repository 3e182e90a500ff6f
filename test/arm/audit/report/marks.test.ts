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

const NOTHING: Partial<LogRecord> = {
  ...{ user_name: null, database_name: null, class: null, command: null, object_name: null },
  ...{ statement: null, kind: "log" },
};
let browser: ReportBrowser;
beforeAll(async () => {
  if (NO_BROWSER !== undefined) return;
  browser = await ReportBrowser.start();
}, INSTALLATION_MILLISECONDS);
afterAll(() => browser?.close());

const found = (page: Page, text: string) => page.locator("#found", { hasText: text }).waitFor();
const headings = (page: Page) => page.locator("#columns th").allTextContents();

describeInBrowser("findings of rules", () => {
  test("come first, and show their records", async () => {
    const records = sampleRecords(3000);
    const file = await browser.write(records, {}, { notable: findingsOf(records) });
    const { page } = await browser.open(file);
    const grants = records.filter(({ command }) => command === "GRANT").length;
    const rules = page.locator("main > :first-child .rule");
    const texts = (await rules.allTextContents()).map((text) => text.replace(/\s+/g, " "));
    expect(texts[0]).toContain(`high Privileges granted or revoked ${grants} findings`);
    expect(texts[1]).toContain("medium Many errors of a server 1 finding");
    expect(texts[1]).toContain("8 records, within 2h, server pgflex");
    await rules.first().click();
    await found(page, `${grants} of 3,000 records`);
    expect(await page.locator("#timeline-chart").getAttribute("aria-label")).toBe(
      `Records over time by class, in 60 bars. In all: ROLE ${grants}`,
    );
    expect(new URL(page.url()).hash).toBe("#rule=privileges");
    await page.reload();
    await found(page, `${grants} of 3,000 records`);
    await page.getByRole("button", { name: "Remove the filter Rule: Privileges" }).click();
    await page.locator("#found", { hasText: /^3,000 records$/ }).waitFor();
    await page.context().close();
  });

  test("are missing if no rules were applied, and named if there are none", async () => {
    const without = await browser.open(await browser.write([logRecord()]));
    expect(await without.page.locator("#notable").count()).toBe(0);
    await without.page.context().close();
    const notable = { listen: () => undefined };
    const { page } = await browser.open(await browser.write([logRecord()], {}, { notable }));
    await page.getByText("no rule found anything").waitFor();
    await page.context().close();
  });
});

describeInBrowser("ambiguous records", () => {
  const records = [
    logRecord({ user_name: "alice", class: "DDL" }),
    logRecord({ user_name: "bob" }),
    logRecord({ ambiguous: "names", user_name: null, database_name: null, file_offset: 1 }),
    logRecord({ ...NOTHING, ambiguous: "message", message: "UTC-a,b LOG:  AUDIT: SESSION,1" }),
  ];

  test("are marked in the table, the charts and the dialog", async () => {
    const { page } = await browser.open(await browser.write(records, { ambiguous: 2 }));
    expect(await page.locator("#figure-ambiguous").textContent()).toBe("2");
    expect(await page.locator("#timeline-chart").getAttribute("aria-label")).toContain(
      "ambiguous 2",
    );
    expect(await page.locator("#rows .badge").allTextContents()).toEqual([
      "ambiguous",
      "ambiguous",
    ]);
    await page.getByRole("button", { name: "Show only ambiguous records" }).click();
    await found(page, "2 of 4 records, 2 ambiguous");
    await page.locator("#row-0").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("The message below is the whole line").waitFor();
    await page.context().close();
  });

  test("are found by each choice that may be theirs", async () => {
    const { page } = await browser.open(await browser.write(records, { ambiguous: 2 }));
    await page
      .locator("#top-user")
      .getByRole("button", { name: /^alice/ })
      .click();
    await found(page, "3 of 4 records, 2 ambiguous");
    // The class of the record with ambiguous names is READ.
    await page.locator("#categories").getByRole("button", { name: /^DDL/ }).click();
    await found(page, "2 of 4 records, 1 ambiguous");
    await page.context().close();
  });
});

describeInBrowser("the table", () => {
  test("has only the columns that say something, and gives the room to the statement", async () => {
    const statement = `SELECT '${"x".repeat(200)}'`;
    const plain = [logRecord({ object_name: null, statement })];
    const connections = [
      logRecord({ ...NOTHING, kind: "connection", user_name: "app", message: "received" }),
    ];
    const opened = await browser.open(await browser.write([...plain, ...connections]));
    const { page } = opened;
    expect(await headings(page)).toEqual([
      ...["Time (UTC) ↓", "Class", "User", "Command", "Statement"],
    ]);
    const box = await page.locator("#row-0 .statement").boundingBox();
    expect(box?.width).toBeGreaterThan(700);
    await page
      .locator("#categories")
      .getByRole("button", { name: /^connection/ })
      .click();
    await found(page, "1 of 2 records");
    expect(await headings(page)).toEqual(["Time (UTC) ↓", "Class", "User", "Statement"]);
    await page.context().close();
  });

  test("has the object, the server and the database where these differ", async () => {
    const records = [
      logRecord({ time: "2026-11-21T17:00:00.000Z" }),
      logRecord({ server: "other", database_name: "hr", object_name: `hr.${"long".repeat(9)}` }),
    ];
    const { page } = await browser.open(await browser.write(records));
    expect(await headings(page)).toEqual([
      ...["Time (UTC) ↓", "Class", "Server", "User", "Database", "Command", "Object", "Statement"],
    ]);
    const cells = await page.locator("#row-0 td").allTextContents();
    expect(cells.slice(2, 7)).toEqual([
      ...["other", "app", "hr", "SELECT", `hr.${"long".repeat(9)}`],
    ]);
    expect(cells[0]).toBe("2026-11-22 17:51:17.034");
    const [table, statement] = await Promise.all(
      ["#table", "#row-0 .statement"].map((place) => page.locator(place).boundingBox()),
    );
    expect(statement?.width).toBeGreaterThan(0.3 * (table?.width ?? 0));
    await page
      .locator("#top-server")
      .getByRole("button", { name: /^other/ })
      .click();
    await found(page, "1 of 2 records");
    await page.context().close();
  });

  test("says in the chart of objects that reads and writes name none", async () => {
    const { page } = await browser.open(await browser.write([logRecord({ object_name: null })]));
    await page.getByText("pgaudit.log_relation").waitFor();
    await page.context().close();
  });
});

describeInBrowser("the colours of classes", () => {
  test.each(["light", "dark"] as const)(
    "differ enough from their background in %s",
    async (colorScheme) => {
      const { page } = await browser.open(await browser.write([logRecord()]), { colorScheme });
      const contrasts = await page.evaluate<[string, number][]>(`(() => {
      const probe = document.body.appendChild(document.createElement("i"));
      const light = (variable) => {
        probe.style.color = "var(--" + variable + ")";
        const parts = getComputedStyle(probe).color.match(/[\\d.]+/g).map((part) => part / 255);
        const [r, g, b] = parts.map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
      };
      const names = ["read", "write", "function", "ddl", "role", "misc", "misc_set", "error", "connection", "statement", "log", "other", "ambiguous"];
      const surface = light("surface");
      return names.map((name) => [name, Math.max(light(name), surface) / Math.min(light(name), surface)]);
    })()`);
      // WCAG 2.2, 1.4.11: non-text contrast.
      expect(contrasts.filter(([, contrast]) => contrast < 3)).toEqual([]);
      expect(contrasts).toHaveLength(13);
      await page.context().close();
    },
  );
});
