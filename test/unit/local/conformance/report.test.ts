import { claim, type Place, put, refused } from "../../../../local/conformance/claim";
import { type Finding } from "../../../../local/conformance/claim-check";
import { readReport, writeReport } from "../../../../local/conformance/report";

const SUBSCRIPTION = "11111111-2222-3333-4444-555555555555";
const PLACE: Place = {
  subscription: `/subscriptions/${SUBSCRIPTION}`,
  group: `/subscriptions/${SUBSCRIPTION}/resourceGroups/conformance`,
  location: "westeurope",
  otherLocation: "northeurope",
  unique: "a1b2c3d4",
  password: "Pass-word~of.1_claims",
};
const HEADER = { date: "2026-12-03", by: "Jo Doe", location: "westeurope", cloud: "azure" };

const server = put(
  `${PLACE.group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/lab-${PLACE.unique}`,
  { properties: { administratorLoginPassword: PLACE.password } },
);
const FINDINGS: Finding[] = [
  {
    ...refused("a server needs a name", server, 400, "InvalidServerName"),
    result: "confirmed",
    outcome: { status: 400, code: "InvalidServerName", body: {} },
  },
  {
    ...refused("a server needs a version", server, 400, "Invalid", /Version/),
    result: "differs",
    outcome: {
      status: 403,
      code: "Forbidden",
      message: `The client jo@example.com with id 99999999-aaaa-bbbb-cccc-dddddddddddd may not, see https://x/?sig=abc%3D`,
      body: {},
    },
  },
  {
    ...claim("a server is created", server, { status: 202, ended: "Succeeded" }),
    result: "not checked",
    reason: "the run was stopped",
  },
];

test("a report shows each claim, and the whole answer where it isn't the claimed one", () => {
  const report = writeReport(FINDINGS, HEADER, PLACE);
  expect(report).toContain("3 claims: 1 confirmed, 0 other words, 1 differs, 1 not checked.");
  const type = "`Microsoft.DBforPostgreSQL/flexibleServers`";
  expect(report).toContain(
    `| a server needs a version | ${type} | 400 Invalid | 403 Forbidden | differs |`,
  );
  expect(report).toContain(
    `| a server is created | ${type} | 202, then Succeeded |  | not checked |`,
  );
  expect(report).toContain(
    "claimed: 400 Invalid, with a message like Version\nAzure: 403 Forbidden\nmessage: The client",
  );
});

test("a report contains no ids, passwords, addresses of people and signatures", () => {
  const report = writeReport(FINDINGS, HEADER, PLACE);
  expect(report).toContain(
    "PUT /subscriptions/<subscription>/resourceGroups/conformance/providers/Microsoft.DBforPostgreSQL/flexibleServers/lab-<unique>?",
  );
  expect(report).toContain('{"properties":{"administratorLoginPassword":"<password>"}}');
  expect(report).toContain("The client <address> with id <guid> may not, see https://x/?sig=<signature>");
});

test("a report is read back: who, when, and how much of each type is confirmed", () => {
  expect(readReport(writeReport(FINDINGS, HEADER, PLACE))).toEqual({
    date: "2026-12-03",
    by: "Jo Doe",
    types: new Map([
      ["Microsoft.DBforPostgreSQL/flexibleServers", { checked: 2, confirmed: 1 }],
    ]),
  });
});
