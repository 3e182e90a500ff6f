import { z } from "zod";
import { UserError } from "../../../common/user-error";

/** Codes of Azure's errors by their status, where a fault names none. */
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
  /** An error answer. */
  z.strictObject({
    kind: z.literal("answer"),
    status: z.int().min(400).max(599),
    code: z.string().min(1).optional(),
    message: z.string().min(1).optional(),
    /** The header Retry-After. */
    retryAfterSeconds: z.int().min(0).optional(),
    /** Whether the request does its work all the same, and only its answer is lost. */
    workDone: z.boolean().default(false),
  }),
  /** The connection ends without an answer. */
  z.strictObject({ kind: z.literal("drop"), workDone: z.boolean().default(false) }),
  /** The answer comes late. */
  z.strictObject({ kind: z.literal("delay"), seconds: z.number().positive().max(3600) }),
  /** The request is accepted, and its operation ends as Failed. */
  z.strictObject({
    kind: z.literal("failOperation"),
    code: z.string().min(1).default("InternalServerError"),
    message: z.string().min(1).optional(),
    workDone: z.boolean().default(false),
  }),
]);

/** @param types every resource type there is; a fault of another one would never strike */
const faultOf = (types: readonly string[]) =>
  z
    .strictObject({
      method: z.enum(["GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"]),
      type: z
        .string()
        .refine((given) => types.some((type) => type.toLowerCase() === given.toLowerCase()), {
          error: ({ input }) =>
            `'${String(input)}' is no resource type of local Azure, which has ${types.join(", ")}`,
        }),
      /** The resource's name; `*` stands for any text. @default every name */
      name: z.string().min(1).optional(),
      /** Of POST: the action, in any letter case. @default every action */
      action: z.string().min(1).optional(),
      /** Strikes the looks at the operation that such a request started, not the request. */
      poll: z.boolean().default(false),
      /** The first call of the kind that it strikes. */
      call: z.int().min(1).default(1),
      /** How many calls in a row. */
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

/** One thing that goes wrong: which calls, and how. */
export type Fault = z.infer<ReturnType<typeof faultOf>>;
export type FaultEffect = Fault["effect"];

/**
 * Takes a list of faults.
 * @param types every resource type there is
 * @throws UserError that names every problem
 */
export function parseFaults(value: unknown, types: readonly string[]): Fault[] {
  const result = z.array(faultOf(types)).safeParse(value);
  if (result.success) return result.data;
  throw new UserError(`The faults aren't valid:\n${z.prettifyError(result.error)}`);
}

export const codeOf = (effect: { status: number; code?: string }): string =>
  effect.code ?? USUAL_CODES[effect.status] ?? "InjectedFault";

/** For people: `PUT Microsoft.Storage/storageAccounts, call 2 to 3: 429 TooManyRequests, Retry-After 1 s`. */
export function describeFault(fault: Fault): string {
  const { method, type, name, action, poll, call, times } = fault;
  const what = [method, type, action, name && `'${name}'`].filter(Boolean).join(" ");
  const calls = times === 1 ? `call ${call}` : `calls ${call} to ${call + times - 1}`;
  return `${poll ? `polls of ${what}` : what}, ${calls}: ${describeEffect(fault.effect)}`;
}

export function describeEffect(effect: FaultEffect): string {
  if (effect.kind === "delay") return `${effect.seconds} s late`;
  const suffix = effect.workDone ? ", its work done" : "";
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
