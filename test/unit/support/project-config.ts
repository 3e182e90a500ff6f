import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "yaml";
import * as pulumi from "@pulumi/pulumi";
import { type LabConfig, type RawConfig, validateConfig } from "../../../config/schema";
import { PROJECT_ROOT } from "../../../local/paths";

/** A key of Pulumi.yaml's config section. */
export interface ConfigKey {
  readonly type?: string;
  readonly default?: unknown;
  readonly description?: string;
}

export const PROJECT_NAME = "pg-audit-lab";

const readYaml = (name: string): unknown =>
  yaml.parse(fs.readFileSync(path.join(PROJECT_ROOT, name), "utf8"));

/** Pulumi.yaml's config section. */
export function declaredKeys(): Record<string, ConfigKey> {
  return (readYaml("Pulumi.yaml") as { config: Record<string, ConfigKey> }).config;
}

/** Every key with its default, as the engine passes them to the program. */
export function defaults(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(declaredKeys()).map(([name, key]) => [name, key.default]),
  );
}

/** A valid configuration, with a test's changes. */
export function rawConfig(changes: Record<string, unknown> = {}): RawConfig {
  const raw = {
    ...defaults(),
    sshSourceAddressPrefixes: ["203.0.113.7/32"],
    storageServicePrincipal: { hasClientSecret: false },
    ...changes,
  };
  return raw as unknown as RawConfig;
}

/** A valid configuration with secrets, as components get it. */
export function labConfig(changes: Record<string, unknown> = {}): LabConfig {
  return {
    ...validateConfig(rawConfig(changes)),
    storageClientSecret: pulumi.secret("client-secret"),
    existingAdministratorPassword: pulumi.secret("existing-password"),
  };
}

/** The values of Pulumi.<stack>.yaml. */
export function stackFile(stack: string): Record<string, unknown> {
  const { config } = readYaml(`Pulumi.${stack}.yaml`) as { config: Record<string, unknown> };
  const entries = Object.entries(config);
  return Object.fromEntries(
    entries.map(([name, value]) => [name.slice(PROJECT_NAME.length + 1), value]),
  );
}

/** Values as the engine passes them to a program: text unchanged, others as JSON. */
export function runtimeConfig(values: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      `${PROJECT_NAME}:${name}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}
