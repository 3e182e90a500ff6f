import * as pulumi from "@pulumi/pulumi";
import { Recorder } from "./recorder";

/** Records the registrations of `create`. */
export async function record(create: () => void): Promise<Recorder> {
  const recorder = await Recorder.start(pulumi);
  create();
  return recorder.end();
}

/** An output's value, also a secret one's. */
export const valueOf = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => output.apply(resolve));

/** Placement of the tests' components. */
export const PLACEMENT = {
  resourceGroupName: "PG-WORKSHOP",
  location: "westeurope",
  tags: { owner: "me" },
};
