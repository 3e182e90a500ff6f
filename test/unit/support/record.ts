import * as pulumi from "@pulumi/pulumi";
import { Recorder } from "./recorder";

/** Records what `make` registers. */
export async function record(make: () => void): Promise<Recorder> {
  const recorder = await Recorder.start(pulumi);
  make();
  return recorder.end();
}

/** An output's value, also a secret one's. */
export const valueOf = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => output.apply(resolve));

/** Where every component of a test stands. */
export const PLACEMENT = {
  resourceGroupName: "PG-WORKSHOP",
  location: "westeurope",
  tags: { owner: "me" },
};
