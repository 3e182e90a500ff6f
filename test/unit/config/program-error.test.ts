import * as pulumi from "@pulumi/pulumi";
import { ProgramError } from "../../../config/program-error";

test("an error for people has no stack, which Pulumi would format for seconds", () => {
  const error = new ProgramError("what to do");
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  expect(error.message).toBe("what to do");
  expect(error.stack).toBeUndefined();
});
