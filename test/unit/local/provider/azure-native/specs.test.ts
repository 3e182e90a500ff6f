/** Compares the specs with the SDK of the program: inputs, outputs and default values. */
import * as fs from "node:fs";
import * as path from "node:path";
import { PROJECT_ROOT } from "../../../../../local/paths";
import { pathInputs } from "../../../../../local/provider/azure-native/body";
import { SPECS } from "../../../../../local/provider/azure-native/specs";

const SDK = path.join(PROJECT_ROOT, "node_modules", "@pulumi", "azure-native");

/** A resource class of the SDK, read from its constructor and its documentation. */
function sdkClass(type: string) {
  const [, module = "", name = ""] = type.split(":");
  const file = path.join(SDK, module, `${name.charAt(0).toLowerCase()}${name.slice(1)}`);
  const code = fs.readFileSync(`${file}.js`, "utf8");
  const [, constructor = ""] = code.split("resourceInputs = {};");
  const [forProgram = ""] = constructor.split("else {");
  const assignments = [...forProgram.matchAll(/resourceInputs\["(\w+)"\] = (.*);/g)];
  const isOutput = (value: string) => value.startsWith("undefined");
  return {
    readOnly: assignments.flatMap(([, input = "", value = ""]) => (isOutput(value) ? [input] : [])),
    inputs: assignments.flatMap(([, input = "", value = ""]) => (isOutput(value) ? [] : [input])),
    defaults: Object.fromEntries(
      assignments.flatMap(([, input = "", value = ""]) => {
        const [, given] = /\?\? (.*)$/.exec(value) ?? [];
        return given === undefined ? [] : [[input, JSON.parse(given) as unknown]];
      }),
    ),
    apiVersion: /Uses Azure REST API version ([\w-]+)\./.exec(
      fs.readFileSync(`${file}.d.ts`, "utf8"),
    )?.[1],
  };
}

describe.each([...SPECS.values()].map((spec) => [spec.type, spec] as const))("%s", (type, spec) => {
  const sdk = sdkClass(type);

  test("has the SDK's api-version, read-only outputs and default values", () => {
    const topLevel = spec.readOnly.filter((property) => /^\w+$/.test(property));
    expect({
      apiVersion: spec.apiVersion,
      readOnly: [...topLevel].sort(),
      defaults: spec.defaults ?? {},
    }).toEqual({
      apiVersion: sdk.apiVersion,
      readOnly: [...sdk.readOnly].sort(),
      defaults: sdk.defaults,
    });
  });

  test("names only inputs of the SDK's", () => {
    const named = [...pathInputs(spec), ...spec.replaceOn, ...(spec.subResources ?? [])];
    const renamed = Object.keys(spec.renamed ?? {});
    expect(sdk.inputs).toEqual(expect.arrayContaining([...named, ...renamed]));
  });
});
