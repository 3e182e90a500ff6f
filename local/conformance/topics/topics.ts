import { claim, get, remove, type Topic } from "../claim";
import { logDestinations } from "./log-destinations";
import { identities } from "./identities";
import { names } from "./names";
import { network } from "./network";
import { privateServer } from "./private-server";
import { retention } from "./retention";
import { publicServer, refusedServers } from "./servers";
import { storage } from "./storage";
import { virtualMachine } from "./virtual-machine";

const groupDeletion: Topic = {
  name: "The resource group",
  minutes: 10,
  steps: ({ group }) => [
    claim("a group is deleted with its resources by an operation", remove(group), {
      status: 202,
      ended: "Succeeded",
    }),
    claim("a deleted group isn't found", get(group), {
      status: 404,
      code: "ResourceGroupNotFound",
    }),
  ],
};

/** All topics, in their order. Each works on resources of its own, but for the last one. */
export const TOPICS: readonly Topic[] = [
  names,
  refusedServers,
  network,
  storage,
  logDestinations,
  identities,
  retention,
  publicServer,
  privateServer,
  virtualMachine,
  groupDeletion,
];
