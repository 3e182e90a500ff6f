import * as fs from "node:fs";
import * as path from "node:path";
import { PROJECT_ROOT } from "../../local/paths";
import { TestCloud } from "./support/cloud";
import { type Answer } from "./support/http";

/** The table as people read it; that it is fresh is `npm run check`'s affair. */
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

const EXTENSIONS = [
  "Microsoft.Insights/diagnosticSettings",
  "Microsoft.Authorization/roleAssignments",
];

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await TestCloud.start();
});
afterAll(() => cloud.close());

/** An id that nothing has. */
function idOf(type: string): string {
  if (type === "Microsoft.Resources/resourceGroups")
    return `${cloud.subscription}/resourceGroups/x`;
  const [namespace, ...segments] = type.split("/");
  const server = "/providers/Microsoft.DBforPostgreSQL/flexibleServers/x";
  const scope = EXTENSIONS.includes(type) ? `${cloud.group}${server}` : cloud.group;
  return `${scope}/providers/${namespace}/${segments.map((segment) => `${segment}/x`).join("/")}`;
}

/** Where the type's resources would be listed by that; undefined where there is no such URL. */
function listOf(type: string, by: string): string | undefined {
  const [namespace, ...segments] = type.split("/");
  const list = `providers/${namespace}/${segments.join("/")}`;
  const isChild = segments.length > 1;
  const server = "providers/Microsoft.DBforPostgreSQL/flexibleServers/x";
  if (type === "Microsoft.Resources/resourceGroups") {
    return by === "subscription" ? `${cloud.subscription}/resourceGroups` : undefined;
  }
  if (isChild) return by === "parent" ? idOf(type).replace(/\/x$/, "") : undefined;
  if (by === "subscription") return `${cloud.subscription}/${list}`;
  if (by === "resource group") return `${cloud.group}/${list}`;
  return by === "scope" ? `${cloud.group}/${server}/${list}` : undefined;
}

const codeOf = ({ body }: Answer) =>
  (body as { error?: { code: string } } | undefined)?.error?.code ?? "";
const messageOf = ({ body }: Answer) => (body as { error: { message: string } }).error.message;

/** Codes by which local Azure says that it hasn't such a thing at all. */
const UNKNOWN = [
  "InvalidResourceType",
  "InvalidResourcePath",
  "MethodNotAllowed",
  "NoRegisteredProviderFound",
  "NotFound",
];

function expectKnown(answer: Answer): void {
  expect(answer.status).toBeLessThan(500);
  expect(UNKNOWN).not.toContain(codeOf(answer));
}

function expectRefused(answer: Answer, type: string, what: string): void {
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({
    status: 405,
    code: "MethodNotAllowed",
  });
  expect(messageOf(answer)).toContain(`no ${what} of ${type}; it has`);
  expect(messageOf(answer)).toContain("local/COVERAGE.md");
}

test("the table names types, verbs, lists and routes", () => {
  expect(TYPES.length).toBeGreaterThan(15);
  expect(ROUTES.length).toBeGreaterThan(5);
});

describe.each(TYPES)("$type", ({ type, versions, verbs, lists, actions }) => {
  test.each(versions)(
    "has the verbs of the table by api-version %s, and no others",
    async (api) => {
      for (const [verb, cell] of Object.entries(verbs)) {
        const body = verb === "PUT" || verb === "PATCH" ? {} : undefined;
        const answer = await cloud.request(verb, `${idOf(type)}?api-version=${api}`, body);
        if (cell === "no") expectRefused(answer, type, verb);
        else if (verb === "HEAD") expect(answer).toMatchObject({ status: 404, body: undefined });
        else expectKnown(answer);
      }
    },
  );

  test("is listed as the table says, and not otherwise", async () => {
    await cloud.makeGroup();
    for (const by of ["parent", "scope", "resource group", "subscription"]) {
      const list = listOf(type, by);
      const isAnywhere = type === "Microsoft.Authorization/roleAssignments" && by !== "parent";
      if (list === undefined) {
        expect(lists).not.toContain(by);
        continue;
      }
      const answer = await cloud.request("GET", `${list}?api-version=${versions[0]}`);
      if (lists.includes(by) || isAnywhere) expectKnown(answer);
      else expectRefused(answer, type, `list by ${by}`);
    }
  });

  test("has the actions of the table, and no others", async () => {
    const api = `api-version=${versions[0]}`;
    for (const action of actions) {
      expectKnown(await cloud.request("POST", `${idOf(type)}/${action}?${api}`));
    }
    const other = await cloud.request("POST", `${idOf(type)}/dance?${api}`);
    expectRefused(other, type, "action 'dance'");
    expectRefused(await cloud.request("POST", `${idOf(type)}?${api}`), type, "POST");
  });

  test("has no other api-version, and says which it has", async () => {
    const answer = await cloud.request("GET", `${idOf(type)}?api-version=2001-01-01`);
    expect(answer.status).toBe(400);
    expect(codeOf(answer)).toBe("NoRegisteredProviderFound");
    expect(messageOf(answer)).toContain(versions.join(", "));
  });
});

test.each(ROUTES)(
  "$route answers by its api-versions, and by no other",
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
    expect(codeOf(answer)).toBe("NoRegisteredProviderFound");
  },
);
