import { z } from "zod";
import { parseJson } from "../../common/json";
import { UserError } from "../../common/user-error";
import { PROFILE_NAMES, type TimingOptions } from "../arm/timing";

/** Options of local Azure's behaviour. */
export interface Emulation {
  /** Faults to arm, not yet checked. */
  readonly faults: readonly unknown[];
  readonly timing: TimingOptions;
}

const NAMES = ["LOCAL_AZURE_FAULTS", "LOCAL_AZURE_PROFILE", "LOCAL_AZURE_TIME_SCALE"] as const;

const VARIABLES = z.object({
  LOCAL_AZURE_FAULTS: z
    .string()
    .default("[]")
    .transform(parseJson)
    .pipe(z.array(z.unknown(), { error: "is not a JSON list of faults" })),
  LOCAL_AZURE_PROFILE: z
    .enum(PROFILE_NAMES, {
      error: ({ input }) => `is '${String(input)}'; it takes ${PROFILE_NAMES.join(" or ")}`,
    })
    .default("fast"),
  LOCAL_AZURE_TIME_SCALE: z.coerce
    .number({ error: ({ input }) => `is '${String(input)}'; it takes a number, 60 for instance` })
    .positive({ error: "must be greater than 0" })
    .default(1),
});

/**
 * Reads LOCAL_AZURE_FAULTS, LOCAL_AZURE_PROFILE and LOCAL_AZURE_TIME_SCALE; an empty one counts as unset.
 * @throws UserError that names every problem
 */
export function emulationFromEnvironment(env: NodeJS.ProcessEnv): Emulation {
  const set = Object.fromEntries(NAMES.map((name) => [name, env[name] || undefined]));
  const result = VARIABLES.safeParse(set);
  if (!result.success) {
    throw new UserError(
      `The variables of local Azure aren't valid:\n${z.prettifyError(result.error)}`,
    );
  }
  const { LOCAL_AZURE_FAULTS, LOCAL_AZURE_PROFILE, LOCAL_AZURE_TIME_SCALE } = result.data;
  return {
    faults: LOCAL_AZURE_FAULTS,
    timing: { profile: LOCAL_AZURE_PROFILE, timeScale: LOCAL_AZURE_TIME_SCALE },
  };
}

/** The options that differ from the defaults, in one line; undefined where none does. */
export function describeEmulation({ faults, timing }: Emulation): string | undefined {
  const parts = [
    faults.length > 0 && `LOCAL_AZURE_FAULTS: ${faults.length} armed`,
    timing.profile !== "fast" &&
      `LOCAL_AZURE_PROFILE: the times of '${timing.profile}', divided by ${timing.timeScale}`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? parts.join("; ") : undefined;
}
