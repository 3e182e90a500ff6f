import { type AzureTypes, testWithAzureTypes } from "./azure-types";
import { type Definition, describeProblem, type Rule, validate } from "./bicep-validator";
import { describePlace, type Sample, samples, withValue } from "./body-schema";
import { LOCAL_BODIES, type LocalBody } from "./local-types";
import { actionBodyOf, bodyOf } from "./request-judge";

/** The rules that a single value of a schema can break; missing properties and lengths depend on the value. */
const RULES: readonly Rule[] = ["unknown property", "read-only property", "wrong type"];

function definitionOf(
  types: AzureTypes,
  { type: { type, apiVersions }, action }: LocalBody,
  apiVersion = apiVersions[0] ?? "",
): Definition {
  if (action === undefined) return bodyOf(types, type, apiVersion);
  const definition = actionBodyOf(types, type, apiVersion, action);
  if (!definition) throw new Error(`${action} of ${type} has no body`);
  return definition;
}

/** The problems that Azure has with a value that local Azure accepts. */
function problemsOf(definition: Definition, { place, value, chosen }: Sample): string[] {
  return validate(definition, withValue({}, place, value))
    .filter(({ path }) => path === describePlace(place))
    .filter(({ rule }) => RULES.includes(rule) || (chosen && rule === "value outside the enum"))
    .map(describeProblem);
}

describe("local Azure accepts no property and no enum value that Azure refuses", () => {
  for (const body of LOCAL_BODIES) {
    testWithAzureTypes(`${body.verb} of ${body.type.type}`, (types) => {
      if (!types.describes(body.type.type, body.type.apiVersions[0] ?? "")) return;
      const definition = definitionOf(types, body);
      const found = samples(body.schema);
      expect(found.length).toBeGreaterThan(0);
      expect(found.flatMap((sample) => problemsOf(definition, sample))).toEqual([]);
    });
  }
});
