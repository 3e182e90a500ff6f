import { claim, type Place, put, refused, remove, setUp, type Topic } from "../claim";

/** Log Analytics and Event Hubs, as the program creates them. */
export const logDestinations: Topic = {
  name: "Log Analytics and Event Hubs",
  minutes: 5,
  steps: (place) => [...logAnalytics(place), ...eventHubs(place)],
};

const logAnalytics = ({ group, location, unique }: Place) => {
  const workspace = `${group}/providers/Microsoft.OperationalInsights/workspaces/audit-${unique}`;
  const properties = { sku: { name: "PerGB2018" }, retentionInDays: 31 };
  const search = `${workspace}/savedSearches/lines`;
  const putSearch = () =>
    put(search, { properties: { category: "c", displayName: "Lines", query: "Heartbeat" } });
  return [
    setUp(put(workspace, { location, properties })),
    claim("a saved search is created", putSearch(), { status: 200 }),
    refused("a saved search isn't updated without its etag", putSearch(), 409, "Conflict"),
    claim("a saved search is deleted", remove(search), { status: 200 }),
    claim("a deleted saved search can be created again", putSearch(), { status: 200 }),
  ];
};

const eventHubs = ({ group, location, unique }: Place) => {
  const namespace = `${group}/providers/Microsoft.EventHub/namespaces/audit-${unique}`;
  const sku = { name: "Standard", tier: "Standard", capacity: 1 };
  return [
    setUp(put(namespace, { location, sku, properties: { minimumTlsVersion: "1.2" } })),
    claim(
      "an event hub is created",
      put(`${namespace}/eventhubs/logs`, {
        properties: { messageRetentionInDays: 1, partitionCount: 2 },
      }),
      { status: 200, body: { properties: { partitionIds: ["0", "1"], status: "Active" } } },
    ),
    claim(
      "an authorization rule is created",
      put(`${namespace}/authorizationRules/settings`, {
        properties: { rights: ["Listen", "Manage", "Send"] },
      }),
      { status: 200 },
    ),
  ];
};
