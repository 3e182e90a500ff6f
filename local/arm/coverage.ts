import { managerRoutes } from "./manager-routes";
import { PAGE_SIZE } from "./paging";
import { type ResourceType, type WriteVerb } from "./resource-type";
import { listScopesOf, verbsOf } from "./verbs";

/** What stands beside the Resource Manager, for people: no request of the API is decided by it. */
const SERVICES: readonly (readonly [what: string, where: string, how: string])[] = [
  [
    "Microsoft Entra ID",
    "`POST /{tenant}/oauth2/v2.0/token`, `GET /{tenant}/v2.0/.well-known/openid-configuration`",
    "client credentials with a secret, on the Resource Manager's port",
  ],
  ["Cloud metadata", "`GET /metadata/endpoints`", "what `metadataHost` of azure-native asks for"],
  [
    "Fault switch",
    "`GET`, `POST`, `DELETE /local-azure/faults`",
    "local Azure's own: makes requests fail on demand",
  ],
  [
    "Storage, data plane",
    "`https://<account>.blob.core.windows.net`",
    "Azurite's blob service: account keys and service signatures",
  ],
  [
    "PostgreSQL",
    "`<server>.postgres.database.azure.com`",
    "PostgreSQL 15 with pgAudit, over verified TLS; its log goes to storage as a diagnostic setting says",
  ],
  ["Virtual machine", "SSH at the public address", "a QEMU guest"],
];

/** local/COVERAGE.md, from the facts that the API itself goes by. */
export function coverage(types: readonly ResourceType[]): string {
  return [
    "# What local Azure has",
    "",
    "Written by `npm run docs:coverage` from the definitions in `local/arm/` that the API itself goes by; `npm run check` fails where it is stale.",
    "",
    "## Resource types",
    "",
    "`202` is a verb that is answered at once and works on, to be watched at the URL in `Azure-AsyncOperation` or `Location`. HEAD goes " +
      `with GET. A list comes in pages of ${PAGE_SIZE} with \`nextLink\`; it takes \`$top\`, and \`$filter\` by resourceType, name, location, ` +
      "resourceGroup, tagName and tagValue.",
    "",
    ...table(
      ["Type", "api-version", "GET", "PUT", "PATCH", "DELETE", "Listed by", "POST"],
      types.map(typeRow),
    ),
    "",
    "## The Resource Manager's own routes",
    "",
    ...table(
      ["Route", "api-version"],
      managerRoutes(types).map(({ method, url, apiVersions }) => [
        `\`${method} ${url.replace(/:(\w+)/g, "{$1}")}\``,
        apiVersions.join(", "),
      ]),
    ),
    "",
    "## Beside the Resource Manager",
    "",
    ...table(["What", "Where", "How"], SERVICES),
    "",
    "## Everything else",
    "",
    ...table(
      ["Request", "Answer"],
      [
        ["A type that isn't above", "404 `InvalidResourceType`, which names the types that are"],
        [
          "A verb or action that its type hasn't",
          "405 `MethodNotAllowed`, which names both and what there is",
        ],
        [
          "Another api-version of a type",
          "400 `NoRegisteredProviderFound`, which names the supported ones",
        ],
        [
          "A property that the type's body hasn't",
          "400 `InvalidRequestContent`, with every problem of the body",
        ],
        [
          "A path that is none of the Resource Manager's",
          "404 `InvalidResourcePath` or `NotFound`",
        ],
      ],
    ),
    "",
  ].join("\n");
}

function typeRow(type: ResourceType): string[] {
  const verbs = verbsOf(type);
  const cell = (verb: WriteVerb) => {
    if (!verbs.includes(verb)) return "no";
    return type.asynchronous?.includes(verb) ? "202" : "yes";
  };
  const actions = Object.entries(type.actions ?? {}).map(
    ([name, { asynchronous }]) => `\`${name}\`${asynchronous ? " 202" : ""}`,
  );
  return [
    `\`${type.type}\``,
    type.apiVersions.join(", "),
    "yes",
    cell("PUT"),
    cell("PATCH"),
    cell("DELETE"),
    listScopesOf(type).join(", "),
    actions.join(", "),
  ];
}

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  row(heads),
  row(heads.map(() => "---")),
  ...rows.map(row),
];

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
