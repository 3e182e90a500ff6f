import { automaticName } from "../../../../../local/provider/azure-native/names";

const SEED = new Uint8Array([1, 2, 3]);

describe("a name that azure-native chooses", () => {
  test("is the resource's own and eight hex digits, the same in preview and update", () => {
    const name = automaticName("network-nsg", SEED);
    expect(name).toMatch(/^network-nsg[0-9a-f]{8}$/);
    expect(automaticName("network-nsg", SEED)).toBe(name);
    expect(automaticName("network-nsg", new Uint8Array([4]))).not.toBe(name);
    expect(automaticName("network-ip", SEED).slice(-8)).not.toBe(name.slice(-8));
  });

  test("of a storage account has what Azure allows in it", () => {
    expect(automaticName("My-Audit_Logs-of-2026-in-Europe", SEED, "lower-alphanumeric")).toMatch(
      /^myauditlogsof202[0-9a-f]{8}$/,
    );
  });

  test("of a role assignment is a UUID", () => {
    expect(automaticName("reader", SEED, "uuid")).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  test("differs each time where the engine gives no seed", () => {
    const seedless = new Uint8Array();
    expect(automaticName("n", seedless)).not.toBe(automaticName("n", seedless));
  });
});
