import * as fs from "node:fs";
import * as path from "node:path";
import { PROJECT_ROOT } from "../../local/paths";
import { testCloud } from "./support/cloud";
import { type Answer, errorOf } from "./support/http";

/** `npm run check` verifies that the file is up to date. */
const COVERAGE = fs.readFileSync(path.join(PROJECT_ROOT, "local/COVERAGE.md"), "utf8");

const rows = (pattern: RegExp): string[][] =>
  COVERAGE.split("\n")
    .filter((line) => pattern.test(line))
    .map((line) => line.split("|").map((cell) => cell.trim().replace(/^`(.*)`$/, "$1")));

const TYPES = rows(/^\| `Microsoft\./).map(
  ([, type = "", versions = "", get, put, patch, del, lists = "", actions = ""]) => ({
    type,
    versions: versions.split(", "),
    verbs: { GET: get, HEAD: get, PUT: put, PATCH: patch, DELETE: del },
    lists: lists.split(", "),
    actions: [...actions.matchAll(/`?(\w+)`?( 202)?/g)].map(([, name = ""]) => name),
  }),
);

const ROUTES = rows(/^\| `(GET|POST) \/subscriptions/).map(([, route = "", versions = ""]) => ({
  route,
  versions: versions.split(", "),
}));

const cloud = testCloud();

/** Ids under which a list can be requested, by the words of the table's column "Listed by". */
const LISTED_BY: Readonly<Record<string, string>> = {
  scope: `${cloud.group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/x`,
  "resource group": cloud.group,
  subscription: cloud.subscription,
};

/** The path of the type's list below an id: for a child, below a parent `x`. */
function listPath(id: string, type: string): string {
  const [namespace, ...segments] = type.split("/");
  return type === "Microsoft.Resources/resourceGroups"
    ? `${cloud.subscription}/resourceGroups`
    : `${id}/providers/${namespace}/${segments.join("/x/")}`;
}

/** The id of a resource that doesn't exist, in the first place where the table lists the type. */
const idOf = (type: string, [first = ""]: readonly string[]): string =>
  `${listPath(LISTED_BY[first] ?? cloud.group, type)}/x`;

/** Codes of requests that local Azure doesn't support. */
const UNSUPPORTED = [
  "InvalidResourceType",
  "InvalidResourcePath",
  "MethodNotAllowed",
  "NoRegisteredProviderFound",
  "NotFound",
];

function expectSupported(answer: Answer): void {
  expect(answer.status).toBeLessThan(500);
  expect(UNSUPPORTED).not.toContain(errorOf(answer).code);
}

function expectRefused(answer: Answer, type: string, what: string): void {
  expect(errorOf(answer)).toMatchObject({ status: 405, code: "MethodNotAllowed" });
  expect(errorOf(answer).message).toContain(`no ${what} of ${type}; it has`);
  expect(errorOf(answer).message).toContain("local/COVERAGE.md");
}

test("the table contains types and routes", () => {
  expect(TYPES.length).toBeGreaterThan(15);
  expect(ROUTES.length).toBeGreaterThan(5);
});

describe.each(TYPES)("$type", ({ type, versions, verbs, lists, actions }) => {
  const id = idOf(type, lists);
  const api = `api-version=${versions[0]}`;

  test.each(versions)("supports exactly the table's verbs in api-version %s", async (version) => {
    for (const [verb, cell] of Object.entries(verbs)) {
      const body = verb === "PUT" || verb === "PATCH" ? {} : undefined;
      const answer = await cloud.request(verb, `${id}?api-version=${version}`, body);
      if (cell === "no") expectRefused(answer, type, verb);
      else if (verb === "HEAD") expect(answer).toMatchObject({ status: 404, body: undefined });
      else expectSupported(answer);
    }
  });

  test("is listed exactly where the table says", async () => {
    expectSupported(await cloud.request("GET", `${id.replace(/\/x$/, "")}?${api}`));
    // Below other ids, the path of a child or of a resource group is never a list.
    if (lists.includes("parent") || type.endsWith("/resourceGroups")) return;
    for (const [by, place] of Object.entries(LISTED_BY)) {
      const answer = await cloud.request("GET", `${listPath(place, type)}?${api}`);
      if (lists.includes(by)) expectSupported(answer);
      else expectRefused(answer, type, `list by ${by}`);
    }
  });

  test("supports exactly the table's actions", async () => {
    for (const action of actions) {
      expectSupported(await cloud.request("POST", `${id}/${action}?${api}`));
    }
    const other = await cloud.request("POST", `${id}/dance?${api}`);
    expectRefused(other, type, "action 'dance'");
    expectRefused(await cloud.request("POST", `${id}?${api}`), type, "POST");
  });

  test("refuses other api-versions, and names the supported ones", async () => {
    const error = errorOf(await cloud.request("GET", `${id}?api-version=2001-01-01`));
    expect(error).toMatchObject({ status: 400, code: "NoRegisteredProviderFound" });
    expect(error.message).toContain(versions.join(", "));
  });
});

test.each(ROUTES)(
  "$route supports exactly the table's api-versions",
  async ({ route, versions }) => {
    const [method = "", template = ""] = route.split(" ");
    const url = template
      .replace("/subscriptions/{subscriptionId}", cloud.subscription)
      .replace("{resourceGroupName}", "PG-WORKSHOP")
      .replace("{namespace}", "Microsoft.Storage")
      .replace("{location}", "westeurope");
    const body = method === "POST" ? { name: "somename1" } : undefined;
    for (const api of versions) {
      const { status } = await cloud.request(method, `${url}?api-version=${api}`, body);
      expect(status).toBe(200);
    }
    const answer = await cloud.request(method, `${url}?api-version=2001-01-01`, body);
    expect(errorOf(answer).code).toBe("NoRegisteredProviderFound");
  },
);
