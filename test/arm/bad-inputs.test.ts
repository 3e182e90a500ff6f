/** What the program refuses in a configuration, local Azure refuses too, as Azure does. */
import { createNetwork } from "./support/clients";
import { testCloud } from "./support/cloud";
import { type Answer, errorOf } from "./support/http";
import { machineBody } from "./support/machine";

const cloud = testCloud();
beforeAll(() => createNetwork(cloud));

const tagged = (tags: Record<string, string>): Promise<Answer> =>
  cloud.put(`${cloud.subscription}/resourceGroups/TAGGED?api-version=2024-03-01`, {
    location: "westeurope",
    tags,
  });
const administeredBy = (adminUsername: string): Promise<Answer> =>
  cloud.put(
    `${cloud.group}/providers/Microsoft.Compute/virtualMachines/other?api-version=2024-11-01`,
    machineBody(`${cloud.group}/providers/Microsoft.Network/networkInterfaces/nic`, {
      osProfile: { adminUsername },
    }),
  );
const shutDownIn = (timeZoneId: string): Promise<Answer> =>
  cloud.put(
    `${cloud.group}/providers/Microsoft.DevTestLab/schedules/shutdown-computevm-vm?api-version=2018-09-15`,
    {
      location: "westeurope",
      properties: { taskType: "ComputeVmShutdownTask", timeZoneId, targetResourceId: cloud.group },
    },
  );

test.each<[string, () => Promise<Answer>, RegExp]>([
  ["a tag with <", () => tagged({ "a<b": "" }), /tag name 'a<b' is not valid/],
  ["a tag without a name", () => tagged({ "": "x" }), /tag name '' is not valid/],
  ["a long tag name", () => tagged({ ["x".repeat(513)]: "" }), /1 to 512 characters/],
  ["a long tag value", () => tagged({ a: "x".repeat(257) }), /more than 256 characters/],
  ["a reserved tag", () => tagged({ windowsOwner: "" }), /reserved prefix/],
  [
    "51 tags",
    () => tagged(Object.fromEntries([...Array(51).keys()].map((n) => [`t${n}`, ""]))),
    /at most 50/,
  ],
  ["user1 as the VM's administrator", () => administeredBy("user1"), /Admin Username/],
  ["a name with a quote", () => administeredBy('a"b'), /Admin Username/],
  ["a time zone of IANA", () => shutDownIn("Europe/Berlin"), /must be a valid time zone/],
])("%s is refused", async (_, call, message) => {
  const answer = await call();
  expect(answer.status).toBe(400);
  expect(errorOf(answer).message).toMatch(message);
});

test("tags of Azure's longest names and values are accepted", async () => {
  const tags = { ["x".repeat(512)]: "y".repeat(256), "$(id) 'größe'": "<>%&\\?/" };
  expect((await tagged(tags)).status).toBe(201);
  expect((await shutDownIn("Central Standard Time (Mexico)")).status).toBe(201);
});
