import { configWarnings, validateConfig } from "../../../config/schema";
import { rawConfig } from "../support/project-config";

const validate = (retention: Record<string, unknown>) => validateConfig(rawConfig({ retention }));

test("without settings the logs are kept for ever, and nothing protects them", () => {
  expect(validate({}).retention).toEqual({
    days: 0,
    immutableDays: 0,
    locked: false,
    lockedConfirmation: "",
    softDeleteDays: 0,
    deleteLock: false,
    protect: false,
    allowReplacement: false,
  });
});

test.each([
  [{ days: 99_999 }],
  [{ immutableDays: 146_000 }],
  [{ softDeleteDays: 365, deleteLock: true, protect: true }],
  [{ days: 30, immutableDays: 30 }],
  [{ immutableDays: 365, locked: true, lockedConfirmation: "365 days, irrevocably" }],
])("%j is right", (retention) => expect(() => validate(retention)).not.toThrow());

test.each([
  [{ days: -1 }, /retention\[days\]: -1 was given; whole days, up to 99999; 0 keeps the logs/],
  [{ days: 100_000 }, /retention\[days\]: 100000 was given/],
  [{ immutableDays: 146_001 }, /retention\[immutableDays\]: 146001 was given/],
  [{ softDeleteDays: 366 }, /retention\[softDeleteDays\]: 366 was given; whole days, up to 365/],
  [{ day: 30 }, /retention\[day\]: is not a key of this object; did you mean days\?/],
  [{ days: 29, immutableDays: 30 }, /days is 29, and immutableDays is 30: .* set days to immu/],
  [{ locked: true }, /locked needs immutableDays/],
  [{ immutableDays: 365, locked: true }, /can't be undone.*\n.*'365 days, irrevocably'/],
  [
    { immutableDays: 366, locked: true, lockedConfirmation: "365 days, irrevocably" },
    /can't be undone.*\n.*'366 days, irrevocably'/,
  ],
])("%j is refused", (retention, problem) => expect(() => validate(retention)).toThrow(problem));

test("a locked policy is warned of in each update", () => {
  const lockedConfirmation = "7 days, irrevocably";
  const locked = validate({ immutableDays: 7, locked: true, lockedConfirmation });
  expect(configWarnings(locked)).toEqual([expect.stringMatching(/can't delete the storage acc/)]);
  expect(configWarnings(validate({ immutableDays: 7 }))).toEqual([]);
  expect(configWarnings(validate({ allowReplacement: true }))).toEqual([
    expect.stringMatching(/deletes the one with the logs\. Remove it after/),
  ]);
});

test("a private endpoint needs the VM's network", () => {
  const settings = { storageNetworkAccess: "private", vm: false };
  expect(() => validateConfig(rawConfig(settings))).toThrow(/private needs the virtual network/);
  expect(() => validateConfig(rawConfig({ ...settings, vm: true }))).not.toThrow();
});
