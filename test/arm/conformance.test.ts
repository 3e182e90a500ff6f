import execa from "execa";
import * as fs from "node:fs";
import * as path from "node:path";
import { isClaim, type Place } from "../../local/conformance/claim";
import { ClaimCheck } from "../../local/conformance/claim-check";
import { readReport } from "../../local/conformance/report";
import { TOPICS } from "../../local/conformance/topics/topics";
import { type ResourceType } from "../../local/arm/resource-type";
import { ArmError } from "../../local/arm/arm-error";
import { PROJECT_ROOT } from "../../local/paths";
import {
  NETWORK_INTERFACES,
  PRIVATE_DNS_ZONES,
  VIRTUAL_NETWORKS,
} from "../../local/arm/resource-type-names";
import { TestCloud, testCloud } from "./support/cloud";
import { clientEnvironment } from "./support/provider-process";

const PLACE: Omit<Place, "subscription" | "group"> = {
  location: "westeurope",
  otherLocation: "northeurope",
  unique: "a1b2c3d4",
  password: "Pass-word~of.1_claims",
};
const RUN_MILLISECONDS = 180_000;

describe("local Azure does what it claims of Azure:", () => {
  const cloud = new TestCloud();
  const place = { ...PLACE, subscription: cloud.subscription, group: cloud.group };
  const check = new ClaimCheck({
    place,
    send: (method, url, body) => cloud.request(method, url, body),
    notify: () => undefined,
  });
  beforeAll(async () => {
    await cloud.listen();
    await check.run();
  }, RUN_MILLISECONDS);
  afterAll(() => cloud.close());

  const claims = TOPICS.flatMap(({ steps }) => steps(place)).filter(isClaim);
  test.each(claims)("$states", ({ states }) => {
    const { outcome, reason, result } = check.findings.find((it) => it.states === states) ?? {};
    if (result !== "confirmed") throw new Error(JSON.stringify({ result, reason, outcome }));
  });
});

/** Does three things otherwise: a status, the code of an error, and a refusal that is missing. */
function alter(type: ResourceType): ResourceType {
  if (type.type === VIRTUAL_NETWORKS) return { ...type, createdStatus: 200 };
  if (type.type === NETWORK_INTERFACES) return { ...type, validateDelete: undefined };
  if (type.type !== PRIVATE_DNS_ZONES) return type;
  return {
    ...type,
    validateDelete: async (record, store) => {
      try {
        await type.validateDelete?.(record, store);
      } catch {
        throw new ArmError(409, "AnotherCode", "Another message.");
      }
    },
  };
}

describe("./lab conformance", () => {
  const cloud = testCloud({ withGroup: false, alter });
  const conformance = (...args: string[]) =>
    execa(path.join(PROJECT_ROOT, "lab"), ["conformance", "--location", "westeurope", ...args], {
      env: clientEnvironment(cloud),
      reject: false,
      all: true,
    });
  const subscription = () => ["--subscription", cloud.subscriptionId];
  const groups = () =>
    cloud.request("GET", `${cloud.subscription}/resourceGroups?api-version=2024-03-01`);

  test(
    "finds what an altered local Azure does otherwise, masks the report, and leaves nothing",
    async () => {
      const file = path.join(cloud.paths.root, "report.md");
      const options = ["--yes", "--by", "Jo Doe", "--output", file];
      const { all, exitCode } = await conformance(...subscription(), ...options);
      expect(all).toContain(`The report is ${file}.`);
      expect(exitCode).toBe(2);
      const report = fs.readFileSync(file, "utf8");
      const differing = report.split("\n").filter((line) => line.endsWith("| differs |"));
      expect(differing).toEqual([
        "| a network is created | `Microsoft.Network/virtualNetworks` | 201 | 200 | differs |",
        "| a private DNS zone with a link can't be deleted | `Microsoft.Network/privateDnsZones` | 409 CannotDeleteResource | 409 AnotherCode | differs |",
        "| a machine's interface can't be deleted | `Microsoft.Network/networkInterfaces` | 400 NicInUse | 200 | differs |",
      ]);
      expect(report).toContain(" 0 other words, 3 differs, 0 not checked.");
      expect(report).toContain("Azure: 409 AnotherCode\nmessage: Another message.");
      expect(report).not.toContain(cloud.subscriptionId);
      const zones = readReport(report).types.get(PRIVATE_DNS_ZONES);
      expect(zones).toEqual({ checked: 1, confirmed: 0 });
      expect((await groups()).body).toEqual({ value: [] });
    },
    RUN_MILLISECONDS,
  );

  test("asks first, and refuses what isn't the id of a subscription", async () => {
    const { all: unasked, exitCode } = await conformance(...subscription());
    expect(exitCode).toBe(1);
    expect(unasked).toMatch(/takes about \d+ minutes[^]*confirm with --yes/);
    const { all: unknown } = await conformance("--subscription", "My Subscription", "--yes");
    expect(unknown).toContain('--subscription is "My Subscription"');
    expect((await groups()).body).toEqual({ value: [] });
  });
});
