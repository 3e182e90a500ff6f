import type { ReportViolation, ResourceValidation, ResourceValidationArgs } from "@pulumi/policy";
import type { Unwrap } from "@pulumi/pulumi";

/** Reports a violation of the resource that is checked. */
export type Report = (message: string) => void;

/**
 * A check of one type of resource by its inputs. The token takes the place of the resource's class, since loading
 * azure-native takes longer than all checks.
 *
 * An input that is unknown in a preview throws when it is read; Pulumi's SDK then prints that the rule couldn't run, and
 * the update checks again before it creates the resource. Source: proxy.ts and server.ts of pulumi/pulumi-policy.
 */
export function ofType<Args>(
  token: string,
  check: (inputs: Unwrap<Args>, report: Report, args: ResourceValidationArgs) => void,
): ResourceValidation {
  return (args: ResourceValidationArgs, report: ReportViolation) => {
    if (args.type !== token) return;
    check(args.props as Unwrap<Args>, (message) => report(message), args);
  };
}

/** A value in a message. */
export const shown = (value: unknown): string =>
  value === undefined ? "not set" : JSON.stringify(value);
