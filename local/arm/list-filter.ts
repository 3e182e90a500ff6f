import { ArmError } from "./arm-error";

/** A member of a list: what filters and pages read of it. */
export type Listed = Readonly<Record<string, unknown>> & { readonly id: string };

type Test = (view: Listed) => boolean;

interface Comparison {
  readonly property: string;
  readonly operator: "eq" | "ne";
  readonly value: string;
}

const COMPARISON = /^\s*(\w+)\s+(eq|ne)\s+'([^']*)'\s*$/i;

/** The values that can be compared, by lower-case name; a filter by tagValue contains the tagName too. */
const PROPERTIES: Readonly<Record<string, (view: Listed, tagName: string) => string>> = {
  resourcetype: ({ type }) => String(type),
  name: ({ name }) => String(name),
  location: ({ location }) => String(location),
  resourcegroup: ({ id }) => id.split("/")[4] ?? "",
  tagname: ({ tags }, tagName) => nameIn(tags, tagName) ?? "",
  tagvalue: ({ tags }, tagName) => {
    const name = nameIn(tags, tagName);
    return name === undefined ? "" : String((tags as Record<string, string>)[name]);
  },
};

/**
 * The predicate of a list's $filter.
 * Source: the REST API's "Resources - List" and "Resource Groups - List": comparisons by eq and ne, joined by and.
 * @throws ArmError 400 InvalidFilterInQueryString for a filter that local Azure doesn't support
 */
export function filterOf(filter: string | null): Test {
  if (filter === null) return () => true;
  const comparisons = filter.split(/\s+and\s+/i).map((text) => parse(text, filter));
  const tagName = comparisons.find(({ property }) => property === "tagname")?.value ?? "";
  return (view) =>
    comparisons.every(({ property, operator, value }) => {
      const actual = PROPERTIES[property]?.(view, tagName) ?? "";
      return (actual.toLowerCase() === value.toLowerCase()) === (operator === "eq");
    });
}

function parse(comparison: string, filter: string): Comparison {
  const [, name = "", operator, value = ""] = COMPARISON.exec(comparison) ?? [];
  const property = name.toLowerCase();
  if (property in PROPERTIES) {
    return { property, value, operator: operator?.toLowerCase() === "ne" ? "ne" : "eq" };
  }
  throw new ArmError(
    400,
    "InvalidFilterInQueryString",
    `Local Azure doesn't support the filter '${filter}'. It supports resourceType, name, location, resourceGroup, ` +
      "tagName and tagValue, each with eq or ne and a value in single quotes, joined by and.",
  );
}

const nameIn = (tags: unknown, name: string): string | undefined =>
  Object.keys(tags ?? {}).find((known) => known.toLowerCase() === name.toLowerCase());
