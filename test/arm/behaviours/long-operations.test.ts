/** What is to be seen of a resource that is being created or deleted. */
import { type ResourceType } from "../../../local/arm/resource-type";
import { STORAGE_ACCOUNTS } from "../../../local/arm/resource-type-names";
import { testCloud } from "../support/cloud";

/** The creation of an account waits for this. */
let finish: () => void = () => undefined;
const gate = () => new Promise<void>((resolve) => (finish = resolve));

const slowAccount = (type: ResourceType): ResourceType =>
  type.type === STORAGE_ACCOUNTS
    ? { ...type, put: (request) => gate().then(() => type.put(request)) }
    : type;

const cloud = testCloud({ alter: slowAccount });
const account = () => `${cloud.group}/providers/${STORAGE_ACCOUNTS}/slowaccount`;
const url = () => `${account()}?api-version=2024-01-01`;
const BODY = { location: "westeurope", kind: "StorageV2", sku: { name: "Standard_LRS" } };

const provisioningState = async () => {
  const { body } = await cloud.request("GET", url());
  return (body as { properties?: { provisioningState: string } }).properties?.provisioningState;
};
const listed = async (): Promise<string[]> => {
  const { body } = await cloud.request("GET", `${cloud.group}/resources?api-version=2024-03-01`);
  return (body as { value: { name: string }[] }).value.map(({ name }) => name);
};

test("a resource exists from the accepted request on, with the state Creating", async () => {
  const answer = await cloud.request("PUT", url(), BODY);
  expect(answer.status).toBe(202);
  expect(await provisioningState()).toBe("Creating");
  expect(await listed()).toEqual(["slowaccount"]);
  finish();
  await cloud.finish(answer);
  expect(await provisioningState()).toBe("Succeeded");
  expect(await listed()).toEqual(["slowaccount"]);
});

test("a deletion during the creation waits for its end, and leaves nothing", async () => {
  await cloud.request("DELETE", url());
  const creation = await cloud.request("PUT", url(), BODY);
  const deletion = cloud.request("DELETE", url());
  expect(await provisioningState()).toBe("Creating");
  finish();
  await cloud.finish(creation);
  expect((await deletion).status).toBe(200);
  expect((await cloud.request("GET", url())).status).toBe(404);
});

test("the deletion of a group waits for the creations in it", async () => {
  const creation = await cloud.request("PUT", url(), BODY);
  const deletion = cloud.deleteGroup();
  expect(await provisioningState()).toBe("Creating");
  finish();
  await cloud.finish(creation);
  await deletion;
  expect(cloud.parts.store.all()).toEqual([]);
});
