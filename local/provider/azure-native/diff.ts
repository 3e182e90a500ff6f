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

/** Set in the inputs of a resource with a random name: the old one and its replacement can exist at the same time. */
export const CREATE_BEFORE_DELETE = "__createBeforeDelete";

/** The changes from old to new inputs. Source: `diff.go` and `Diff` in azure-native's provider/pkg/provider. */
export function diffResource(
  spec: ResourceSpec,
  { oldInputs, olds, news }: Pick<DiffRequest, "oldInputs" | "olds" | "news">,
): DiffResult {
  // An imported resource has the api-version only in its outputs.
  const before = { azureApiVersion: olds.azureApiVersion, ...oldInputs };
  const replaceOn = [...pathInputs(spec), ...spec.replaceOn];
  const changes = diffInputs(before, news, { ignore: [CREATE_BEFORE_DELETE] })
    .filter(({ path }) => !isSameName(path, before, news))
    .filter((change) => !addsDefault(spec, change, news))
    .map((change) =>
      replaceOn.some((input) => isReplacedBy(input, change)) &&
      !addsPresentValue(change, olds, news)
        ? { ...change, replaces: true }
        : change,
    );
  const replaces = changes.some((change) => change.replaces);
  return { changes, deleteBeforeReplace: replaces && oldInputs[CREATE_BEFORE_DELETE] !== true };
}

/** Below an input that replaces, only updates replace: a member of an object may be added or removed. */
function isReplacedBy(input: string, { path, kind }: PropertyChange): boolean {
  return path === input || (kind === "update" && path.startsWith(`${input}.`));
}

/** For Azure, `West Europe` equals `westeurope`, and the case of a resource group's name doesn't matter. */
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

/** A program that adds the present value of an output doesn't replace the resource. */
const addsPresentValue = ({ path, kind }: PropertyChange, olds: Inputs, news: Inputs): boolean =>
  kind === "add" && olds[path] !== undefined && isDeepStrictEqual(news[path], olds[path]);
