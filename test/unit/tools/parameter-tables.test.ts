import { isCurrent, readPage, table } from "../../../tools/parameter-tables";

/** A page in the form of Microsoft's. */
const page = (date: string, ...sections: string[]) =>
  [`---\nauthor: somebody\nms.date: ${date}\n---`, ...sections].join("\n");
const section = (name: string, type: string, value: string, allowed: string) => `### ${name}

| Attribute | Value |
| --- | --- |
| Category | Reporting and Logging / What to Log |
| Description | Something about ${name}. |
| Data type | string |
| Default value | ${value} |
| Allowed values | ${allowed} |
| Parameter type | ${type} |
| Documentation | [${name}](https://example.com/) |

[!INCLUDE [notes](./notes.md)]
`;

const OLD = page("05/05/2025", section("log_line_prefix", "static", "`%t-`", "`[^']*`"));
const NEW = page(
  "12/9/2025",
  section("log_line_prefix", "dynamic", "`%t-%c-`", "`[^']*`"),
  section("DateStyle", "dynamic", "`ISO, MDY`", "`(ISO|SQL)(, (DMY|MDY))?`"),
  section("application_name", "dynamic", "", "`[A-Za-z]*`"),
);

const TABLE = table("17", [...readPage(OLD, "old.md"), ...readPage(NEW, "new.md")]);

test("a table has a row a parameter, from the newest page that has it, without backticks", () => {
  const category = "Reporting and Logging / What to Log";
  expect(TABLE.split("\n").filter((line) => !line.startsWith("#"))).toEqual([
    `application_name\t${category}\tdynamic\tstring\t\t[A-Za-z]*`,
    `DateStyle\t${category}\tdynamic\tstring\tISO, MDY\t(ISO|SQL)(, (DMY|MDY))?`,
    `log_line_prefix\t${category}\tdynamic\tstring\t%t-%c-\t[^']*`,
    "",
  ]);
  expect(TABLE).toContain("param-17-*.md, pages of 2025-12-09 to 2025-12-09.");
});

test("a page of another form is refused with its name", () => {
  expect(() => readPage("### x", "x.md")).toThrow("x.md has no ms.date such as 12/29/2025.");
  const without = NEW.replace(/^\| Parameter type.*\n/m, "");
  expect(() => readPage(without, "new.md")).toThrow(
    'new.md: the parameter log_line_prefix has no "Parameter type".',
  );
});

test("a table that was edited, or written by another version of the program, isn't current", () => {
  expect(isCurrent(TABLE)).toBe(true);
  expect(isCurrent(TABLE.replace("%t-%c-", "%m "))).toBe(false);
  expect(isCurrent(TABLE.replace(/Checksum: .*/, `Checksum: ${"0".repeat(64)}`))).toBe(false);
  expect(isCurrent("")).toBe(false);
});
