import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { DESTINATION_KEYS } from "./keys/destinations";
import { AUDIT_KEYS, auditProblems, auditWarnings } from "./keys/audit";
import { PEOPLE_KEYS, peopleProblems } from "./keys/people";
import { PLACEMENT_KEYS } from "./keys/placement";
import { POSTGRES_KEYS, postgresProblems, postgresWarnings } from "./keys/postgres";
import { RETENTION_KEYS, retentionProblems, retentionWarnings } from "./keys/retention";
import { STORAGE_KEYS, storageProblems } from "./keys/storage";
import { ADDRESSES_NEEDED, hasAddresses, VM_KEYS, vmProblems } from "./keys/vm";
import { problemTexts } from "./problems";
import { ProgramError } from "./program-error";
import { type Report } from "./rules";

/** The configuration is wrong; the message lists every problem with the value, the rule and what to do. */
export class ConfigError extends ProgramError {}

const SCHEMA = z
  .strictObject({
    ...{ ...PLACEMENT_KEYS, ...VM_KEYS, ...POSTGRES_KEYS, ...STORAGE_KEYS },
    ...DESTINATION_KEYS,
    ...RETENTION_KEYS,
    ...AUDIT_KEYS,
    ...PEOPLE_KEYS,
  })
  .refine(hasAddresses, ADDRESSES_NEEDED)
  .superRefine((config, context) => {
    const report: Report = (key, message) =>
      context.addIssue({ code: "custom", path: [key], message });
    vmProblems(config, report);
    postgresProblems(config, report);
    auditProblems(config, report);
    peopleProblems(config, report);
    storageProblems(config, report);
    retentionProblems(config, report);
  });

/** The values of the stack before validation; any other key is reported as unknown. */
export type RawConfig = Record<keyof z.input<typeof SCHEMA>, unknown>;

/** The valid configuration without secrets. */
export type ValidatedConfig = z.output<typeof SCHEMA>;

/** The lab's configuration; Pulumi.yaml describes each key. */
export interface LabConfig extends ValidatedConfig {
  /** Secret of the storage service principal; empty if none is used. */
  readonly storageClientSecret: pulumi.Output<string>;
  /** Of the server of `postgres.existingServerId`; empty without one. */
  readonly existingAdministratorPassword: pulumi.Output<string>;
}

/** What is valid, and may surprise. */
export function configWarnings(config: ValidatedConfig): string[] {
  return [...postgresWarnings(config), ...auditWarnings(config), ...retentionWarnings(config)];
}

/**
 * Validates a configuration; throws one ConfigError that lists every problem.
 * @param others problems that were found elsewhere
 */
export function validateConfig(raw: RawConfig, others: readonly string[] = []): ValidatedConfig {
  const result = SCHEMA.safeParse(raw);
  if (result.success && others.length === 0) return result.data;
  const found = result.success ? [] : problemTexts(result.error, raw, SCHEMA);
  const problems = [...found, ...others].map((problem) => `  - ${problem}`);
  throw new ConfigError(
    `The configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n` +
      `${problems.join("\n")}\n` +
      "  Each key is described in Pulumi.yaml; set one with `pulumi config set KEY VALUE`.",
  );
}
