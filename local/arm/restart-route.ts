import { type FastifyInstance } from "fastify";
import { ArmError } from "./arm-error";
import { type Identity } from "./identity";

/** Restarts one part; what it stores stays. */
export type Restarts = Readonly<Record<string, () => Promise<void>>>;

/** Local Azure's own route, with the API's sign-in: `POST /local-azure/restart/{part}` answers when the part is up again. */
export function registerRestartRoute(
  server: FastifyInstance,
  identity: Identity,
  restarts: Restarts,
): void {
  server.post<{ Params: { part: string } }>(
    "/local-azure/restart/:part",
    { onRequest: async (request) => identity.authenticate(request) },
    async ({ params: { part } }, reply) => {
      const restart = Object.hasOwn(restarts, part) ? restarts[part] : undefined;
      if (!restart) {
        const known = Object.keys(restarts).join(", ");
        throw new ArmError(404, "PartNotFound", `There is no part '${part}'; known are ${known}.`);
      }
      await restart();
      return reply.code(204).send();
    },
  );
}
