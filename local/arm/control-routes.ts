import { type FastifyInstance } from "fastify";
import { UserError } from "../../common/user-error";
import { ArmError } from "./arm-error";
import { type FaultSwitch } from "./faults/fault-switch";
import { type Identity } from "./identity";

/**
 * The switch's route, which needs the same token as the API: POST arms a list of faults, GET lists the armed ones and
 * how often each has been applied, DELETE disarms all.
 */
export function registerFaultRoute(
  server: FastifyInstance,
  identity: Identity,
  faults: FaultSwitch,
): void {
  const url = "/local-azure/faults";
  const onRequest = async (request: Parameters<Identity["authenticateOwner"]>[0]) =>
    identity.authenticateOwner(request);
  const shown = () => ({
    value: faults.list().map(({ fault, calls, hits }) => ({ ...fault, calls, hits })),
  });
  server.get(url, { onRequest }, shown);
  server.post(url, { onRequest }, async (request, reply) => {
    try {
      faults.arm(request.body);
    } catch (error) {
      if (error instanceof UserError) throw new ArmError(400, "InvalidFaults", error.message);
      throw error;
    }
    return reply.code(201).send(shown());
  });
  server.delete(url, { onRequest }, async (_request, reply) => {
    faults.clear();
    return reply.code(204).send();
  });
}

/**
 * Restarts one part without loss of data, by the name of the part.
 * @param instance of several with the name. @default all of them
 */
export type Restarts = Readonly<Record<string, (instance?: string) => Promise<void>>>;

/**
 * `POST /local-azure/restart/{part}?instance={name}`, which needs the same token as the API; responds when the part runs
 * again.
 */
export function registerRestartRoute(
  server: FastifyInstance,
  identity: Identity,
  restarts: Restarts,
): void {
  server.post<{ Params: { part: string }; Querystring: { instance?: string } }>(
    "/local-azure/restart/:part",
    { onRequest: async (request) => identity.authenticateOwner(request) },
    async ({ params: { part }, query: { instance } }, reply) => {
      const restart = Object.hasOwn(restarts, part) ? restarts[part] : undefined;
      if (!restart) {
        const known = Object.keys(restarts).join(", ");
        throw new ArmError(
          404,
          "PartNotFound",
          `There is no part '${part}'; the parts are ${known}.`,
        );
      }
      await restart(instance);
      return reply.code(204).send();
    },
  );
}

/** Puts the clock of the storage forward, and does what the lifecycle policies say; returns the deleted blobs. */
export type PassDays = (days: number) => Promise<readonly string[]>;

/** `POST /local-azure/pass-days/{days}`, which needs the same token as the API. */
export function registerPassDaysRoute(
  server: FastifyInstance,
  identity: Identity,
  passDays: PassDays,
): void {
  server.post<{ Params: { days: string } }>(
    "/local-azure/pass-days/:days",
    { onRequest: async (request) => identity.authenticateOwner(request) },
    async ({ params: { days } }) => {
      if (!/^[1-9]\d{0,5}$/.test(days)) {
        throw new ArmError(
          400,
          "InvalidDays",
          `'${days}' was given; a whole number of days is needed, from 1 to 999999.`,
        );
      }
      return { deleted: await passDays(Number(days)) };
    },
  );
}
