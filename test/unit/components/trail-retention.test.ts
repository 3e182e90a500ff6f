import { replacementProblem } from "../../../components/trail-place";
import { runProgram } from "../support/program";
import { type Recorder } from "../support/recorder";

const ACCOUNT =
  "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/PG-WORKSHOP/providers/Microsoft.Storage/storageAccounts/pgauditlogsabcdefghijklm";
const CONTAINER = `${ACCOUNT}/blobServices/default/containers/insights-logs-postgresqllogs`;

const recorded = async (settings: Record<string, unknown>): Promise<Recorder> =>
  (await runProgram(settings)).recorder;
const names = ({ resources }: Recorder) => resources.map(({ name }) => name);

describe("the retention", () => {
  test("does nothing by default, and says so to Azure", async () => {
    const recorder = await recorded({});
    const parts = names(recorder).filter((name) => name.startsWith("retention"));
    expect(parts).toEqual(["retention-soft-delete"]);
    expect(recorder.get("retention-soft-delete").inputs).toMatchObject({
      deleteRetentionPolicy: { enabled: false },
      containerDeleteRetentionPolicy: { enabled: false },
    });
    for (const name of ["storage", "storage-container"]) {
      expect(recorder.get(name).protect).toBe(false);
    }
  });

  test("deletes append blobs by their last append, soft-deletes, and locks the account", async () => {
    const recorder = await recorded({
      storageAuthentication: "managedIdentity",
      retention: { days: 90, immutableDays: 30, softDeleteDays: 7, deleteLock: true },
    });
    const [rule] = (
      recorder.get("retention-lifecycle").inputs.policy as { rules: { definition: object }[] }
    ).rules;
    expect(rule?.definition).toEqual({
      filters: { blobTypes: ["appendBlob"] },
      actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 90 } } },
    });
    expect(recorder.get("retention-soft-delete").inputs).toMatchObject({
      deleteRetentionPolicy: { enabled: true, days: 7 },
      containerDeleteRetentionPolicy: { enabled: true, days: 7 },
    });
    expect(recorder.get("retention-lock").inputs).toMatchObject({
      scope: ACCOUNT,
      level: "CanNotDelete",
    });
    // The lock is removed first: with it, Azure would refuse to delete the others.
    for (const name of [
      ...["retention-lifecycle", "retention-immutability", "storage-container"],
      "mount-reader",
    ]) {
      expect(recorder.waitsFor("retention-lock", name)).toBe(true);
    }
  });

  test("sets the policy of the log container by a script, and locks it only if that is wanted", async () => {
    const { inputs } = (await recorded({ retention: { immutableDays: 30 } })).get(
      "retention-immutability",
    );
    const script = "node --import tsx scripts/immutability-policy.ts";
    expect(inputs.create).toBe(`${script} apply '${CONTAINER}' 30`);
    expect(inputs.delete).toBe(`${script} remove '${CONTAINER}'`);
    const locked = { locked: true, lockedConfirmation: "30 days, irrevocably" };
    const recorder = await recorded({ retention: { immutableDays: 30, ...locked } });
    expect(recorder.get("retention-immutability").inputs.create).toBe(
      `${String(inputs.create)} locked`,
    );
  });

  test.each([[{ protect: true }], [{ immutableDays: 1 }]])(
    "with %j Pulumi refuses to delete or replace the account and the container",
    async (retention) => {
      const recorder = await recorded({ retention });
      for (const name of ["storage", "storage-container"]) {
        expect(recorder.get(name).protect).toBe(true);
      }
    },
  );
});

describe("the place of the trail", () => {
  const hooksOf = (recorder: Recorder) =>
    recorder
      .ofType("pg-audit-lab:index:TrailPlace")
      .map(({ inputs, request }) => [inputs, request.getHooks()?.getBeforeUpdateList() ?? []]);

  test("is kept by a hook of its update, unless another one is allowed", async () => {
    const place = { location: "westeurope", resourceGroupName: "PG-WORKSHOP" };
    expect(hooksOf(await recorded({}))).toEqual([[place, ["trail-place-keeps-logs"]]]);
    const allowed = await recorded({ retention: { allowReplacement: true } });
    expect(hooksOf(allowed)).toEqual([[place, []]]);
  });

  test.each([
    {},
    { vm: false, postgresNetworkAccess: "public" },
    { storageNetworkAccess: "private", postgresNetworkAccess: "public" },
  ])(
    "with %j, whatever has the region or group waits until it is sure that the logs stay",
    async (settings) => {
      const { withoutPlace } = await recorded(settings);
      const names = withoutPlace.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(["suffix", "administrator-password"]));
      const placed = withoutPlace.filter(({ inputs }) =>
        /westeurope|PG-WORKSHOP/.test(JSON.stringify(inputs)),
      );
      expect(placed.map(({ name }) => name)).toEqual(["trail-place"]);
    },
  );

  test("has changed where a storage account would be replaced, and only there", () => {
    const place = { location: "westeurope", resourceGroupName: "g" };
    expect(replacementProblem(place, { ...place }, "logs1")).toBeUndefined();
    expect(
      replacementProblem(place, { location: "northeurope", resourceGroupName: "h" }, "logs1"),
    ).toMatch(
      /account logs1 in g, .* location from westeurope to northeurope, and resourceGroupName from g to h\./,
    );
  });
});
