import { PAGE_SIZE, pageOf } from "../../../../local/arm/paging";

const LIST = "https://127.0.0.1:8443/subscriptions/s/resources?api-version=2024-03-01";
const members = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `/g/${index}` }));
const url = (query = "") => new URL(`${LIST}${query}`);
const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id);

describe("a list in pages", () => {
  test("that fits on one page has no next link", () => {
    expect(pageOf(members(PAGE_SIZE), url())).toEqual({ value: members(PAGE_SIZE) });
    expect(pageOf([], url())).toEqual({ value: [] });
  });

  test("continues at the next link, which keeps the rest of the query", () => {
    const { value, nextLink = "" } = pageOf(members(250), url("&$filter=x"));
    expect(value).toEqual(members(PAGE_SIZE));
    const next = new URL(nextLink);
    expect(next.origin + next.pathname).toBe("https://127.0.0.1:8443/subscriptions/s/resources");
    expect(next.searchParams.get("api-version")).toBe("2024-03-01");
    expect(next.searchParams.get("$filter")).toBe("x");
    const second = pageOf(members(250), next);
    const third = pageOf(members(250), new URL(second.nextLink ?? ""));
    expect(ids([...value, ...second.value, ...third.value])).toEqual(ids(members(250)));
    expect(third.nextLink).toBeUndefined();
  });

  test.each(["$top", "$maxpagesize"])("has the page size that %s asks for", (name) => {
    const { value, nextLink = "" } = pageOf(members(5), url(`&${name}=2`));
    expect(ids(value)).toEqual(["/g/0", "/g/1"]);
    expect(ids(pageOf(members(5), new URL(nextLink)).value)).toEqual(["/g/2", "/g/3"]);
  });

  test("neither repeats nor loses a member when others are deleted between two pages", () => {
    const all = members(6);
    const next = new URL(pageOf(all, url("&$top=3")).nextLink ?? "");
    expect(ids(pageOf(all.slice(1), next).value)).toEqual(["/g/3", "/g/4", "/g/5"]);
    const lastSentIsGone = all.filter(({ id }) => id !== "/g/2");
    expect(ids(pageOf(lastSentIsGone, next).value)).toEqual(["/g/4", "/g/5"]);
  });

  test.each(["0", "-1", "two", "1.5", ""])("refuses the size '%s'", (size) => {
    expect(() => pageOf(members(1), url(`&$top=${size}`))).toThrow(
      expect.objectContaining({
        status: 400,
        code: "InvalidQueryParameterValue",
        message: expect.stringContaining(`$top is '${size}'`) as unknown,
      }) as Error,
    );
  });

  test("refuses an invalid skip token", () => {
    expect(() => pageOf(members(1), url("&$skipToken=guess"))).toThrow(
      expect.objectContaining({ status: 400, code: "InvalidSkipToken" }) as Error,
    );
  });
});
