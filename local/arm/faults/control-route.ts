import type { FastifyInstance } from "fastify";
import { UserError } from "../../../common/user-error";
import { ArmError } from "../arm-error";
import type { Identity } from "../identity";
import type { FaultSwitch } from "./fault-switch";

/**
 * The switch's own route, behind the same sign-in as the API: POST arms a list of faults, GET shows what is armed and how
 * often each has struck, DELETE disarms all.
 */
export function registerFaultRoute(
  server: FastifyInstance,
  identity: Identity,
  faults: FaultSwitch,
): void {
  const url = "/local-azure/faults";
  const onRequest = async (request: Parameters<Identity["authenticate"]>[0]) =>
    identity.authenticate(request);
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
