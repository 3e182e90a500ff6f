import { ArmError } from "./arm-error";
import type { Listed } from "./dispatcher";

type Test = (view: Listed) => boolean;

interface Comparison {
  readonly property: string;
  readonly operator: "eq" | "ne";
  readonly value: string;
}

const COMPARISON = /^\s*(\w+)\s+(eq|ne)\s+'([^']*)'\s*$/i;

/** What is compared, by its lower-case name; in a filter for a tag's value its name stands too. */
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
 * What a list's $filter lets through.
 * Source: the REST API's "Resources - List" and "Resource Groups - List": comparisons by eq and ne, joined by and.
 * @throws ArmError 400 InvalidFilterInQueryString for what local Azure doesn't know
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
    `Local Azure doesn't know the filter '${filter}'. It knows resourceType, name, location, resourceGroup, tagName ` +
      "and tagValue, each with eq or ne and a value in single quotes, joined by and.",
  );
}

const nameIn = (tags: unknown, name: string): string | undefined =>
  Object.keys(tags ?? {}).find((known) => known.toLowerCase() === name.toLowerCase());
