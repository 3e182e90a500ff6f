import { z } from "zod";
import { UserError } from "../../../common/user-error";

/** Azure's error code for a status, used if the fault has no code. */
const USUAL_CODES: Readonly<Record<number, string>> = {
  408: "RequestTimeout",
  409: "Conflict",
  429: "TooManyRequests",
  500: "InternalServerError",
  502: "BadGateway",
  503: "ServiceUnavailable",
  504: "GatewayTimeout",
};

const EFFECT = z.discriminatedUnion("kind", [
  /** An error response. */
  z.strictObject({
    kind: z.literal("answer"),
    status: z.int().min(400).max(599),
    code: z.string().min(1).optional(),
    message: z.string().min(1).optional(),
    /** The header Retry-After. */
    retryAfterSeconds: z.int().min(0).optional(),
    /** Whether the work is done before the response fails. */
    workDone: z.boolean().default(false),
  }),
  /** The connection ends without a response. */
  z.strictObject({ kind: z.literal("drop"), workDone: z.boolean().default(false) }),
  /** The response comes late. */
  z.strictObject({ kind: z.literal("delay"), seconds: z.number().positive().max(3600) }),
  /** The request is accepted, and its operation fails. */
  z.strictObject({
    kind: z.literal("failOperation"),
    code: z.string().min(1).default("InternalServerError"),
    message: z.string().min(1).optional(),
    workDone: z.boolean().default(false),
  }),
]);

/** @param types all resource types; a fault of another one would never match */
const faultOf = (types: readonly string[]) =>
  z
    .strictObject({
      method: z.enum(["GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"]),
      type: z
        .string()
        .refine((given) => types.some((type) => type.toLowerCase() === given.toLowerCase()), {
          error: ({ input }) =>
            `'${String(input)}' is not a resource type of local Azure, which has ${types.join(", ")}`,
        }),
      /** The resource's name; `*` matches any text. @default every name */
      name: z.string().min(1).optional(),
      /** The action of a POST, in any letter case. @default every action */
      action: z.string().min(1).optional(),
      /** Applies to polls of the operation that such a request started, not to the request. */
      poll: z.boolean().default(false),
      /** The first matching call that fails, counted from 1. */
      call: z.int().min(1).default(1),
      /** How many calls fail in a row. */
      times: z.int().min(1).default(1),
      effect: EFFECT,
    })
    .superRefine(({ method, poll, action, effect }, context) => {
      const problem = (path: string, message: string) =>
        context.addIssue({ code: "custom", path: [path], message });
      if (action !== undefined && method !== "POST") problem("action", "only POST has actions");
      const startsNone = method === "GET" || method === "HEAD";
      if (poll && startsNone) problem("poll", `${method} starts no operation`);
      if (effect.kind === "failOperation" && (startsNone || poll)) {
        problem("effect", `${poll ? "a poll" : method} starts no operation that could fail`);
      }
    });

/** Which calls fail, and how. */
export type Fault = z.infer<ReturnType<typeof faultOf>>;
export type FaultEffect = Fault["effect"];

/**
 * Validates a list of faults.
 * @param types all resource types
 * @throws UserError that names every problem
 */
export function parseFaults(value: unknown, types: readonly string[]): Fault[] {
  const result = z.array(faultOf(types)).safeParse(value);
  if (result.success) return result.data;
  throw new UserError(`The faults aren't valid:\n${z.prettifyError(result.error)}`);
}

export const codeOf = (effect: { status: number; code?: string }): string =>
  effect.code ?? USUAL_CODES[effect.status] ?? "InjectedFault";

/** For logs: `PUT Microsoft.Storage/storageAccounts, call 2 to 3: 429 TooManyRequests, Retry-After 1 s`. */
export function describeFault(fault: Fault): string {
  const { method, type, name, action, poll, call, times } = fault;
  const what = [method, type, action, name && `'${name}'`].filter(Boolean).join(" ");
  const calls = times === 1 ? `call ${call}` : `calls ${call} to ${call + times - 1}`;
  return `${poll ? `polls of ${what}` : what}, ${calls}: ${describeEffect(fault.effect)}`;
}

export function describeEffect(effect: FaultEffect): string {
  if (effect.kind === "delay") return `${effect.seconds} s late`;
  const suffix = effect.workDone ? ", after the work is done" : "";
  switch (effect.kind) {
    case "answer": {
      const wait =
        effect.retryAfterSeconds === undefined ? "" : `, Retry-After ${effect.retryAfterSeconds} s`;
      return `${effect.status} ${codeOf(effect)}${wait}${suffix}`;
    }
    case "drop":
      return `connection dropped${suffix}`;
    case "failOperation":
      return `operation fails with ${effect.code}${suffix}`;
  }
}
