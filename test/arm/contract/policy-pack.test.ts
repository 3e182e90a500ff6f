/** Every way to configure the program, under the policy pack. */
import { SPECS } from "../../../local/provider/azure-native/specs";
import { TAGGED_TYPES } from "../../../policy/rules/placement";
import {
  type CheckedResource,
  checkedResource,
  PolicyPackProcess,
} from "../../unit/support/policy-pack";
import { runProgram } from "../../unit/support/program";
import { STACK_VARIANTS } from "./stack-variants";

// Every run of the program loads a copy of the SDK, which adds a listener for the end of the process.
process.setMaxListeners(process.getMaxListeners() + STACK_VARIANTS.length);

let pack: PolicyPackProcess;
const seen: CheckedResource[] = [];

beforeAll(async () => {
  pack = await PolicyPackProcess.start();
});
afterAll(() => pack.close());

test.each(STACK_VARIANTS)("$name: breaks no rule", async ({ settings, stack }) => {
  const { recorder } = await runProgram(settings, stack);
  const resources = recorder.resources.map(checkedResource);
  seen.push(...resources);
  expect(await pack.check(resources)).toEqual([]);
});

test("required-tags knows which of the program's types take tags", () => {
  const azure = [...new Set(seen.map(({ type }) => type))].filter((type) => SPECS.has(type));
  const tagged = azure.filter((type) => SPECS.get(type)?.envelope.includes("tags"));
  expect(tagged.length).toBeGreaterThan(5);
  expect(TAGGED_TYPES.filter((type) => azure.includes(type)).sort()).toEqual(tagged.sort());
});
