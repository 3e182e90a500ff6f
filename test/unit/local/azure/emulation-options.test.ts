import {
  describeEmulation,
  emulationFromEnvironment,
} from "../../../../local/azure/emulation-options";

const FAULT = { method: "GET", type: "Microsoft.Storage/storageAccounts" };

test("the defaults are used without variables and with empty ones", () => {
  for (const env of [{}, { LOCAL_AZURE_FAULTS: "", LOCAL_AZURE_PROFILE: "" }]) {
    const emulation = emulationFromEnvironment(env);
    expect(emulation).toEqual({ faults: [], timing: { profile: "fast", timeScale: 1 } });
    expect(describeEmulation(emulation)).toBeUndefined();
  }
});

test("faults, profile and time scale are read, and described in one line", () => {
  const emulation = emulationFromEnvironment({
    LOCAL_AZURE_FAULTS: JSON.stringify([FAULT, FAULT]),
    LOCAL_AZURE_PROFILE: "azure",
    LOCAL_AZURE_TIME_SCALE: "60",
  });
  expect(emulation).toEqual({
    faults: [FAULT, FAULT],
    timing: { profile: "azure", timeScale: 60 },
  });
  expect(describeEmulation(emulation)).toBe(
    "LOCAL_AZURE_FAULTS: 2 armed; LOCAL_AZURE_PROFILE: the times of 'azure', divided by 60",
  );
});

test("the error names every problem, with the value", () => {
  const read = () =>
    emulationFromEnvironment({
      LOCAL_AZURE_FAULTS: "{oops",
      LOCAL_AZURE_PROFILE: "slow",
      LOCAL_AZURE_TIME_SCALE: "0",
    });
  expect(read).toThrow(
    /not a JSON list of faults[^]*'slow'; it takes fast or azure[^]*greater than 0/,
  );
  expect(() => emulationFromEnvironment({ LOCAL_AZURE_TIME_SCALE: "fast" })).toThrow(
    /takes a number, 60 for instance/,
  );
});
