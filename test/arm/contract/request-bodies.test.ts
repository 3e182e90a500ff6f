import { runProgram } from "../../unit/support/program";
import { declaredKeys, defaults } from "../../unit/support/project-config";
import { testWithAzureTypes } from "./azure-types";
import { describeProblem } from "./bicep-validator";
import { localBody, refusal } from "./local-types";
import { judge } from "./request-judge";
import { type StackRequest, stackRequests } from "./stack-requests";
import { STACK_VARIANTS } from "./stack-variants";

// Every run of the program loads a copy of the SDK, which adds a listener for the end of the process.
process.setMaxListeners(process.getMaxListeners() + STACK_VARIANTS.length);

test("for each key of Pulumi.yaml, a variant has another value than the default", () => {
  const usual = defaults();
  const varied = new Set(
    STACK_VARIANTS.flatMap(({ settings }) =>
      Object.keys(settings).filter(
        (key) => JSON.stringify(settings[key]) !== JSON.stringify(usual[key]),
      ),
    ),
  );
  expect(Object.keys(declaredKeys()).filter((key) => !varied.has(key))).toEqual([]);
});

describe.each(STACK_VARIANTS)("with $name", ({ settings, stack }) => {
  let requests: StackRequest[];
  beforeAll(async () => {
    requests = await stackRequests(await runProgram(settings, stack));
  });

  testWithAzureTypes("Microsoft's types allow every request in path and body", (types) => {
    expect(requests.length).toBeGreaterThan(50);
    const problems = requests.flatMap(({ purpose, request }) =>
      judge(types, request).map((problem) => `${purpose}: ${describeProblem(problem)}`),
    );
    expect(problems).toEqual([]);
  });

  test("local Azure accepts every body", () => {
    const refused = requests
      .filter(({ request }) => request.body !== undefined)
      .map(({ purpose, request }) => {
        const problem = refusal(localBody(request), request.body);
        return problem && `${purpose}: ${problem.message}`;
      })
      .filter((text) => text !== undefined);
    expect(refused).toEqual([]);
  });
});
