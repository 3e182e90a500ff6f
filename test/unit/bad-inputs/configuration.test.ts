/** Configurations that a person may write by mistake: each is refused with the key, the value, the rule and what to do. */
import * as pulumi from "@pulumi/pulumi";
import { readConfig } from "../../../config";
import { ConfigError } from "../../../config/schema";
import { defaults, PROJECT_NAME, runtimeConfig } from "../support/project-config";
import { ED25519_KEY, RSA_KEY } from "../support/ssh-keys";

const PRIVATE_KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n";
const LONG = "x".repeat(5000);

/** The problem of a configuration that differs from a valid one by this key; "" if there is none. */
async function problemOf(key: string, value: unknown): Promise<string> {
  await pulumi.runtime.setMocks(
    { call: () => ({}), newResource: () => ({ id: "", state: {} }) },
    PROJECT_NAME,
    "dev",
  );
  const valid = { ...defaults(), sshSourceAddressPrefixes: ["203.0.113.7/32"] };
  pulumi.runtime.setAllConfig(runtimeConfig({ ...valid, [key]: value }), []);
  try {
    readConfig();
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
}

/** Values of text that no key of a name may have. */
const HOSTILE = ["a'b", 'a"b', "a\nb", "$(id)", "a;b", "a b", "größe", "\u202eevil", "", LONG];

test.each(
  ["location", "resourceGroupName", "vmAdminUsername", "administratorLogin", "databaseName"]
    .concat(["vmSize", "postgresSkuName", "packagesUrl", "autoShutdownTimeZone"])
    .flatMap((key) => HOSTILE.map((value) => [key, value.slice(0, 20), value] as const)),
)("%s is never %j", async (key, _, value) => {
  const message = await problemOf(key, value);
  expect(message).toContain(`  - ${key}: `);
  expect(message).toContain(JSON.stringify(value).slice(0, 80));
  expect(message.length).toBeLessThan(600);
});

test.each<[string, unknown, RegExp]>([
  ["vmAdminUsername", "root", /"root" was given; Azure or RHEL reserves that name/],
  ["vmAdminUsername", "user1", /reserves that name; take another one/],
  ["vmAdminUsername", "test", /reserves that name/],
  ["vmAdminUsername", "postmaster-of-the-whole-of-the-lab", /1 to 31 lower-case letters/],
  ["vmAdminUsername", "wheel", /reserves that name/],
  ["vmAdminUsername", "nobody", /reserves that name/],
  ["administratorLogin", "azure_superuser", /Azure reserves that name/],
  ["administratorLogin", "azuresu", /Azure reserves that name/],
  ["administratorLogin", "root", /Azure reserves that name/],
  ["administratorLogin", "none", /Azure reserves that name/],
  ["administratorLogin", "pg_admin", /not starting with pg_/],
  ["databaseName", "postgres", /not a database of Azure or PostgreSQL/],
  ["databaseName", "azure_sys", /not a database of Azure/],
  ["location", "5", /"5" was given; an Azure region's short name/],
  ["vmSize", "Standard_x", /a VM size, like Standard_B2s_v2/],
  ["autoShutdownTimeZone", "Europe/Berlin", /names of Windows, such as UTC or "W\. Europe/],
  ["autoShutdownTime", "25:00", /a time of day as HHmm/],
  ["packagesUrl", "https://me:hush@packages.example.com", /without a user's name/],
  ["packagesUrl", "https://packages.example.com/?a=b", /a query/],
  ["storageSasDays", 366, /366 was given; whole days, 1 to 365/],
  ["sshPort", 1.5, /sshPort: 1\.5 was given; a TCP port/],
  ["sshPort", true, /sshPort: true was given/],
  ["sshPublicKeys", [ED25519_KEY.slice(0, 60)], /no ssh-ed25519 key; it may have been cut/],
  ["sshPublicKeys", [ED25519_KEY.replace("ed25519 ", "dss ")], /an RSA or Ed25519 public key/],
  ["sshPublicKeys", [`${ED25519_KEY} me\n${ED25519_KEY}`], /an RSA or Ed25519 public key/],
  ["sshSourceAddressPrefixes", ["203.0.113.7\n"], /"203\.0\.113\.7\\n" is no IPv4/],
  ["tags", { "a<b": "" }, /tags: "a<b" is no tag name: Azure refuses/],
  ["tags", { "cost center": "" }, /the private DNS zone spaces/],
  ["tags", { azureOwner: "" }, /begin with microsoft, azure and windows/],
  ["tags", { [LONG]: "" }, /no tag name of 1 to 128 characters/],
  ["tags", { owner: LONG }, /has a value of 5000 characters; Azure takes 256/],
  ["tags", { Owner: "a", owner: "b" }, /has "owner" twice/],
  ["tags", Object.fromEntries([...Array(51).keys()].map((n) => [`t${n}`, ""])), /has 51 tags/],
  ["serverParameters", { constructor: "x" }, /^$/],
  ["serverParameters", { "pgaudit.log": "$(id)" }, /has no class "\$\(id\)"/],
  ["serverParameters", { "Pgaudit.Log": "ALL" }, /"Pgaudit\.Log" is no parameter name/],
  ["serverParameters", { "a\nb": "1" }, /"a\\nb" is no parameter name/],
  ["toString", "x", /toString: is not a key of the lab/],
  ["postgresqlVersion", "17", /did you mean postgresVersion\?/],
])("%s %j", async (key, value, problem) => {
  expect(await problemOf(key, value)).toMatch(problem);
});

test("a private key in place of a public one is refused, and not printed", async () => {
  const message = await problemOf("sshPublicKeys", [PRIVATE_KEY]);
  expect(message).toContain("sshPublicKeys[0]: a private key; give the text of the .pub file");
  expect(message).not.toContain("b3BlbnNzaC1rZXk");
});

test.each([
  ["sshPublicKeys", [RSA_KEY, `${ED25519_KEY} José @ home`]],
  ["tags", { owner: "$(id) 'me' \"größe\" /?", "cost-center": "" }],
  ["autoShutdownTimeZone", "Central Standard Time (Mexico)"],
  ["autoShutdownTimeZone", "UTC-02"],
  ["administratorLogin", "postgres"],
  ["administratorLogin", "x".repeat(63)],
  ["resourceGroupName", "x".repeat(90)],
  ["vmSize", "Standard_E4-2s_v5"],
  ["packagesUrl", "https://mirror.example.com:8443/rhel/%7Eme/"],
])("%s may be %j", async (key, value) => expect(await problemOf(key, value)).toBe(""));
