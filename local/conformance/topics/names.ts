import { claim, type Place, post, put, refused, type Topic } from "../claim";
import { machineBody } from "./virtual-machine";

/** Names, locations and sizes that are refused, and the checks of names that are free. */
export const names: Topic = {
  name: "Names and locations",
  minutes: 3,
  steps: (place) => [
    ...groupNames(place),
    ...accountNames(place),
    ...networkNames(place),
    ...machineNames(place),
    ...freeNames(place),
  ],
};

const groupNames = ({ subscription, group, location, otherLocation }: Place) => {
  const path = (name: string) => `${subscription}/resourceGroups/${encodeURIComponent(name)}`;
  return [
    ...["ends-with.", "has space", "x".repeat(91)].map((name) =>
      refused(
        `a resource group can't be named '${name}'`,
        put(path(name), { location }),
        400,
        "InvalidResourceGroup",
      ),
    ),
    refused(
      "a resource group can't be in a location that Azure doesn't have",
      put(`${group}-nowhere`, { location: "atlantis" }),
      400,
      "LocationNotAvailableForResourceType",
    ),
    refused(
      "a resource group keeps its location",
      put(group, { location: otherLocation }),
      409,
      "InvalidResourceGroupLocation",
      new RegExp(`already exists in location '${location}'`),
    ),
  ];
};

const accountNames = ({ group, location }: Place) =>
  ["ab", "Upper", "with-hyphen", "abcdefghijklmnopqrstuvwxy"].map((name) =>
    refused(
      `a storage account can't be named '${name}'`,
      put(`${group}/providers/Microsoft.Storage/storageAccounts/${name}`, {
        location,
        kind: "StorageV2",
        sku: { name: "Standard_LRS" },
      }),
      400,
      "AccountNameInvalid",
    ),
  );

const networkNames = ({ group, location }: Place) =>
  ["-begin", "has space", ".dot", "end.", "x".repeat(81)].map((name) =>
    refused(
      `a network can't be named '${name}'`,
      put(`${group}/providers/Microsoft.Network/virtualNetworks/${encodeURIComponent(name)}`, {
        location,
        properties: { addressSpace: { addressPrefixes: ["10.0.0.0/16"] } },
      }),
      400,
      "InvalidResourceName",
    ),
  );

const machineNames = (place: Place) => {
  const machine = (name: string, adminUsername = "azureuser", vmSize = "Standard_B2s_v2") =>
    put(
      `${place.group}/providers/Microsoft.Compute/virtualMachines/${encodeURIComponent(name)}`,
      machineBody(place, { nic: "nowhere", adminUsername, vmSize }),
    );
  return [
    ...["root", "admin", "Administrator", "test1", "has space"].map((adminUsername) =>
      refused(
        `a virtual machine can't have the administrator '${adminUsername}'`,
        machine("vm", adminUsername),
        400,
        "InvalidParameter",
        /Admin Username specified is not allowed/,
      ),
    ),
    ...["end-", "_begin", "x".repeat(65)].map((name) =>
      refused(
        `a virtual machine can't be named '${name}'`,
        machine(name),
        400,
        "InvalidParameter",
        new RegExp(`The VM name '${name}'`),
      ),
    ),
    refused(
      "a virtual machine's size has the form of Azure's",
      machine("vm", "azureuser", "huge"),
      400,
      "InvalidParameter",
      /The value huge provided for the VM size is not valid/,
    ),
    ...["Standard_B2s", "Standard_D2s_v5", "Standard_DS1_v2", "Standard_E4-2ds_v5"].map((size) =>
      refused(
        `a virtual machine of size ${size} needs an interface that exists`,
        machine("vm", "azureuser", size),
        400,
        "InvalidResourceReference",
      ),
    ),
  ];
};

const freeNames = ({ subscription, location, unique }: Place) => {
  const servers = `${subscription}/providers/Microsoft.DBforPostgreSQL`;
  const accounts = `${subscription}/providers/Microsoft.Storage/checkNameAvailability`;
  const server = (name: string) => ({ name, type: "Microsoft.DBforPostgreSQL/flexibleServers" });
  const account = (name: string) => ({ name, type: "Microsoft.Storage/storageAccounts" });
  return [
    claim(
      "the check of a server's name that is free",
      post(`${servers}/checkNameAvailability`, server(`free-${unique}`)),
      { status: 200, body: { nameAvailable: true } },
    ),
    claim(
      "the check of a server's name that is invalid",
      post(`${servers}/locations/${location}/checkNameAvailability`, server("Bad_Name")),
      { status: 200, body: { nameAvailable: false, reason: "Invalid" } },
    ),
    claim("the check of an account's name that is free", post(accounts, account(`free${unique}`)), {
      status: 200,
      body: { nameAvailable: true },
    }),
    claim("the check of an account's name that is invalid", post(accounts, account("Bad_Name")), {
      status: 200,
      body: { nameAvailable: false, reason: "AccountNameInvalid" },
    }),
  ];
};
