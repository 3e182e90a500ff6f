import { ConfigError, validateConfig } from "../../../config/schema";
import { rawConfig } from "./project-config";

/** The message about a configuration that differs from a right one by these. */
export function problems(changes: Record<string, unknown>): string {
  try {
    validateConfig(rawConfig(changes));
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  return "";
}
