import { filterOf } from "../../../../local/arm/list-filter";

const views = [
  { type: "A/nets", name: "one", location: "westeurope", tags: { Owner: "me", stage: "test" } },
  { type: "A/nets", name: "two", location: "northeurope", tags: { owner: "you", stage: "me" } },
  { type: "B/disks", name: "three", location: "westeurope" },
].map((view) => ({ id: `/subscriptions/s/resourceGroups/g-${view.name}/x`, ...view }));

describe("a list's filter", () => {
  test.each<[string | null, string[]]>([
    [null, ["one", "two", "three"]],
    ["resourceType eq 'a/NETS'", ["one", "two"]],
    ["resourceType ne 'A/nets'", ["three"]],
    ["name eq 'two'", ["two"]],
    ["resourceGroup EQ 'g-one'", ["one"]],
    ["location eq 'westeurope' and resourceType eq 'A/nets'", ["one"]],
    ["tagName eq 'owner'", ["one", "two"]],
    ["tagName eq 'owner' and tagValue eq 'me'", ["one"]],
  ])("%s selects %j", (filter, expected) => {
    expect(views.filter(filterOf(filter)).map(({ name }) => name)).toEqual(expected);
  });

  test.each(["name", "name gt 'a'", "colour eq 'red'", "name eq 'a' or name eq 'b'", ""])(
    "'%s' is refused, with the supported filters",
    (filter) => {
      expect(() => filterOf(filter)).toThrow(
        expect.objectContaining({
          status: 400,
          code: "InvalidFilterInQueryString",
          message: expect.stringMatching(/It supports resourceType, name, location/) as unknown,
        }) as Error,
      );
    },
  );
});
