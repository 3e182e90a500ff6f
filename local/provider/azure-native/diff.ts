import { isDeepStrictEqual } from "node:util";
import {
  type DiffRequest,
  type DiffResult,
  diffInputs,
  type Inputs,
  type PropertyChange,
} from "../protocol";
import { pathInputs } from "./body";
import { type ResourceSpec } from "./resource-spec";

/** Set in the inputs of a resource with a random name: two of it can stand at once. */
export const CREATE_BEFORE_DELETE = "__createBeforeDelete";

/** What a change of the inputs does, as azure-native sees it. Source: `diff.go` and `Diff` in its provider/pkg/provider. */
export function diffResource(
  spec: ResourceSpec,
  { oldInputs, olds, news }: Pick<DiffRequest, "oldInputs" | "olds" | "news">,
): DiffResult {
  // An imported resource has the api-version among its outputs alone.
  const before = { azureApiVersion: olds.azureApiVersion, ...oldInputs };
  const replaceOn = [...pathInputs(spec), ...spec.replaceOn];
  const changes = diffInputs(before, news, { ignore: [CREATE_BEFORE_DELETE] })
    .filter(({ path }) => !isSameName(path, before, news))
    .filter((change) => !addsDefault(spec, change, news))
    .map((change) =>
      replaceOn.some((input) => isReplacedBy(input, change)) && !addsWhatStands(change, olds, news)
        ? { ...change, replaces: true }
        : change,
    );
  const replaces = changes.some((change) => change.replaces);
  return { changes, deleteBeforeReplace: replaces && oldInputs[CREATE_BEFORE_DELETE] !== true };
}

/** Below an input that replaces, only updates do: a member of an object may come or go. */
function isReplacedBy(input: string, { path, kind }: PropertyChange): boolean {
  return path === input || (kind === "update" && path.startsWith(`${input}.`));
}

/** Azure doesn't tell `West Europe` from `westeurope`, nor the letter case of a resource group's name. */
function isSameName(path: string, before: Inputs, news: Inputs): boolean {
  const [old, now] = [before[path], news[path]];
  if (typeof old !== "string" || typeof now !== "string") return false;
  if (path === "location") return plainLocation(old) === plainLocation(now);
  return path === "resourceGroupName" && old.toLowerCase() === now.toLowerCase();
}

const plainLocation = (location: string): string => location.replaceAll(" ", "").toLowerCase();

function addsDefault(spec: ResourceSpec, { path, kind }: PropertyChange, news: Inputs): boolean {
  return (
    kind === "add" &&
    !spec.replaceOn.includes(path) &&
    spec.defaults?.[path] !== undefined &&
    isDeepStrictEqual(news[path], spec.defaults[path])
  );
}

/** A program that comes to say what the resource is already doesn't replace it. */
const addsWhatStands = ({ path, kind }: PropertyChange, olds: Inputs, news: Inputs): boolean =>
  kind === "add" && olds[path] !== undefined && isDeepStrictEqual(news[path], olds[path]);
