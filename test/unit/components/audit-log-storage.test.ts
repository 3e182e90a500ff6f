import { requireSubscription } from "../../../components/own-subscription";
import { AuditLogStorage } from "../../../components/audit-log-storage";
import { PLACEMENT, record } from "../support/record";
import { SUBSCRIPTION } from "../support/recorder";

test.each([true, false])(
  "accepts its keys: %s; no key is read before it is needed",
  async (allowed) => {
    const recorder = await record(() => {
      new AuditLogStorage("storage", {
        ...PLACEMENT,
        accountName: "account",
        sharedKeyAccess: allowed,
      });
    });
    expect(recorder.get("storage").inputs.allowSharedKeyAccess).toBe(allowed);
    expect(recorder.calls.map(({ token }) => token)).not.toContain(
      "azure-native:storage:listStorageAccountKeys",
    );
  },
);

test("another subscription than the stack's is named, with what to do", () => {
  const id = `/subscriptions/${SUBSCRIPTION}/resourceGroups/g`;
  expect(() => requireSubscription(id, SUBSCRIPTION.toUpperCase())).not.toThrow();
  expect(() => requireSubscription(id, "1")).toThrow(
    new RegExp(
      `in the subscription ${SUBSCRIPTION}, .* for 1\\..*az account set --subscription ${SUBSCRIPTION}`,
    ),
  );
});
