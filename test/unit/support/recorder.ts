import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { MockCallArgs, MockResourceArgs } from "@pulumi/pulumi/runtime";
import { resourceId } from "../../../local/provider/azure-native/body";
import { automaticName } from "../../../local/provider/azure-native/names";
import { SPECS } from "../../../local/provider/azure-native/specs";
import { PROJECT_NAME } from "./project-config";

type Pulumi = typeof import("@pulumi/pulumi");
type Values = Record<string, unknown>;

/** A registration of a program's resource. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  /** Plain values, secrets too. */
  readonly inputs: Values;
  /** The inputs, with every secret replaced by "[secret]". */
  readonly visible: Values;
  /** Names of the resources that must exist first: `dependsOn` and those whose outputs are inputs. */
  readonly after: readonly string[];
  readonly parent: string;
  readonly deletedWith: string;
  readonly deleteBeforeReplace: boolean;
  readonly retainOnDelete: boolean;
  readonly protect: boolean;
  /** Property paths whose change replaces, though the provider would update. */
  readonly replaceOnChanges: readonly string[];
  /** Whether it is a provider's resource, not a component. */
  readonly custom: boolean;
  /** As the program sent it. */
  readonly request: RegisterResourceRequest;
}

export const SUBSCRIPTION = "00000000-0000-4000-8000-000000000000";
/** Of the VM's managed identity, its own or a user-assigned one. */
export const PRINCIPAL_ID = "44444444-4444-4444-8444-444444444444";
export const CLIENT_ID = "66666666-6666-4666-8666-666666666666";
/** Secrets of the recorded cloud; no visible value may contain them. */
export const SECRETS = {
  password: "pass-word-of-the-administrator",
  accountKey: "a2V5LW9mLXRoZS1hY2NvdW50",
  signature: "sig=signature-of-the-container",
  existingPassword: "pass-word-of-the-existing-server",
  privateKey:
    "-----BEGIN OPENSSH PRIVATE KEY-----\nprivate-key\n-----END OPENSSH PRIVATE KEY-----\n",
};
/** By algorithm. */
export const PUBLIC_KEYS: Readonly<Record<string, string>> = {
  ECDSA: "ecdsa-sha2-nistp256 AAAAE2Vj",
  ED25519: "ssh-ed25519 AAAAC3Nz",
  RSA: "ssh-rsa AAAAB3Nz",
};
/** When Azure created the server and the storage account. */
export const CREATED_AT = "2026-11-29T09:00:00.000000Z";
export const VM_ID = "55555555-5555-4555-8555-555555555555";

/** Is answered only when nothing else is registered any more. */
const HELD = "pg-audit-lab:index:TrailPlace";
/** Of the event loop, in which a program without a need to wait registers something more. */
const TURNS = 50;

/** Makes azure-native's automatic names the same in each run. */
const SEED = new Uint8Array([1]);
const SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d";
const isSecret = (value: Values) => value[SECRET_SIGNATURE] === "1b47061264138c4ac30d75fd1eb44270";

/** A value from the wire, with each secret replaced by the result of `secret`. */
function plain(value: unknown, secret: (inner: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((member) => plain(member, secret));
  if (typeof value !== "object" || value === null) return value;
  const object = value as Values;
  if (isSecret(object)) return secret(object.value);
  return Object.fromEntries(
    Object.entries(object).map(([name, member]) => [name, plain(member, secret)]),
  );
}

const nameOf = (urn: string): string => urn.split("::").at(-1) ?? "";

/** Replaces the engine: records the registrations, and answers like the providers. */
export class Recorder {
  readonly registrations: Registration[] = [];
  /** The registrations that don't wait for the component TrailPlace, its own among them. */
  readonly withoutPlace: Registration[] = [];
  /** Provider functions that were called, with their arguments. */
  readonly calls: { readonly token: string; readonly inputs: Values }[] = [];

  private constructor(private readonly pulumi: Pulumi) {}

  /** @param pulumi the copy of the SDK that the program under test uses */
  static async start(pulumi: Pulumi, stack = "dev"): Promise<Recorder> {
    const recorder = new Recorder(pulumi);
    await pulumi.runtime.setMocks(
      {
        newResource: (args) => recorder.outputs(args),
        call: (args) => recorder.answer(args),
      },
      PROJECT_NAME,
      stack,
    );
    recorder.listen();
    return recorder;
  }

  /** Waits until all resources are registered. */
  async end(): Promise<this> {
    await this.pulumi.runtime.disconnect();
    return this;
  }

  /** The one resource of this name; a component may share it. */
  get(name: string): Registration {
    const found = this.resources.filter((registration) => registration.name === name);
    const [first] = found;
    if (!first || found.length > 1) throw new Error(`${found.length} resources are called ${name}`);
    return first;
  }

  /** Everything but components. */
  get resources(): Registration[] {
    return this.registrations.filter(({ custom }) => custom);
  }

  ofType(type: string): Registration[] {
    return this.registrations.filter((registration) => registration.type === type);
  }

  /** Whether the resource waits, directly or by others, for the other one. */
  waitsFor(name: string, other: string): boolean {
    const { after } = this.get(name);
    return after.includes(other) || after.some((direct) => this.waitsFor(direct, other));
  }

  /** The mock monitor doesn't pass resource options to its mocks, so this reads its requests. */
  private listen(): void {
    const monitor = this.pulumi.runtime.getMonitor() as unknown as {
      registerResource(request: RegisterResourceRequest, ...rest: unknown[]): unknown;
      registerResourceHook(request: unknown, done: (error: null) => void): void;
    };
    // The mock monitor has no hooks.
    monitor.registerResourceHook = (_, done) => done(null);
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = async (request, ...rest) => {
      this.registrations.push(registration(request));
      if (request.getType() === HELD) await this.quiet();
      return register(request, ...rest);
    };
  }

  /** Waits until the program registers nothing more: what it registers later has waited for what is held. */
  private async quiet(): Promise<void> {
    let count = 0;
    while (count < this.registrations.length) {
      count = this.registrations.length;
      for (let turn = 0; turn < TURNS; turn++) await new Promise(setImmediate);
    }
    this.withoutPlace.push(...this.registrations);
  }

  private outputs({ type, name, inputs }: MockResourceArgs) {
    const given = inputs as Values;
    const { secret } = this.pulumi;
    const spec = SPECS.get(type);
    if (!spec)
      return { id: `${name}-id`, state: { ...given, ...ownOutputs(type, name, given, secret) } };
    const { input, value } = automaticName(spec, name, SEED);
    const id = resourceId(spec, { [input]: value, ...given }, SUBSCRIPTION);
    return { id, state: { ...given, name: nameIn(id), ...azureOutputs(type, nameIn(id), given) } };
  }

  private answer({ token, inputs }: MockCallArgs) {
    this.calls.push({ token, inputs: inputs as Values });
    switch (token) {
      case "azure-native:storage:listStorageAccountKeys":
        return { keys: [{ keyName: "key1", value: SECRETS.accountKey }] };
      case "azure-native:storage:listStorageAccountServiceSAS":
        return { serviceSasToken: SECRETS.signature };
      case "azure-native:authorization:getClientConfig":
        return { subscriptionId: SUBSCRIPTION };
      case "azure-native:network:getVirtualNetwork":
        return { location: "West Europe" };
      case "azure-native:network:getSubnet":
        return existingSubnet(inputs as Record<string, string>);
      case "azure-native:dbforpostgresql:getServer":
        return existingServer(inputs as Record<string, string>);
      case "azure-native:dbforpostgresql:getConfiguration":
        return existingParameter(String((inputs as Values).configurationName));
      default:
        throw new Error(`the program calls ${token}`);
    }
  }
}

/** A subnet that isn't of the stack. */
function existingSubnet(names: Record<string, string>): Values {
  if (names.subnetName === "nowhere") throw new Error("ResourceNotFound");
  return {
    id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/${names.resourceGroupName}/providers/Microsoft.Network/virtualNetworks/${names.virtualNetworkName}/subnets/${names.subnetName}`,
    serviceEndpoints: [{ service: "Microsoft.Storage", provisioningState: "Succeeded" }],
    // By its name, since there is no other argument.
    delegations: names.subnetName?.includes("postgres")
      ? [{ serviceName: "Microsoft.DBforPostgreSQL/flexibleServers" }]
      : [],
  };
}

/** A server that isn't of the stack. */
function existingServer({ resourceGroupName, serverName = "" }: Record<string, string>): Values {
  return {
    id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/${resourceGroupName}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${serverName}`,
    fullyQualifiedDomainName: `${serverName}.postgres.database.azure.com`,
    administratorLogin: "dba",
    location: "West Europe",
    state: "Ready",
    // By its name, since there is no other argument.
    network: { publicNetworkAccess: serverName.includes("private") ? "Disabled" : "Enabled" },
    systemData: { createdAt: CREATED_AT },
  };
}

/** What the existing server has. */
export const EXISTING_PARAMETERS: Readonly<Record<string, string>> = {
  "azure.extensions": "pg_trgm,PLPGSQL",
  shared_preload_libraries: "pg_cron,pg_stat_statements",
};

const existingParameter = (name: string): Values => ({
  value: EXISTING_PARAMETERS[name] ?? "",
  isConfigPendingRestart: false,
});

function registration(request: RegisterResourceRequest): Registration {
  const wire = request.getObject()?.toJavaScript() ?? {};
  return {
    type: request.getType(),
    name: request.getName(),
    inputs: plain(wire, (inner) => plain(inner, (nested) => nested)) as Values,
    visible: plain(wire, () => "[secret]") as Values,
    after: request.getDependenciesList().map(nameOf),
    parent: nameOf(request.getParent()),
    deletedWith: nameOf(request.getDeletedwith()),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    retainOnDelete: request.getRetainondelete() ?? false,
    protect: request.getProtect() ?? false,
    replaceOnChanges: request.getReplaceonchangesList(),
    custom: request.getCustom(),
    request,
  };
}

const nameIn = (id: string): string => id.slice(id.lastIndexOf("/") + 1);

/** Outputs of random and tls, with the providers' secret marks. */
function ownOutputs(type: string, name: string, inputs: Values, secret: Pulumi["secret"]): Values {
  switch (type) {
    case "random:index/randomString:RandomString":
      return { result: "abcdefghijklm" };
    case "random:index/randomPassword:RandomPassword":
      return { result: secret(SECRETS.password) };
    case "tls:index/privateKey:PrivateKey":
      return {
        privateKeyOpenssh: secret(SECRETS.privateKey),
        publicKeyOpenssh: `${PUBLIC_KEYS[String(inputs.algorithm)]}\n`,
      };
    case "command:local:Command":
      return name.includes("former-parameters") ? { stdout: FORMER_PARAMETERS } : {};
    default:
      return {};
  }
}

/** What the script prints. */
const FORMER_PARAMETERS = JSON.stringify(
  Object.fromEntries(
    Object.entries(EXISTING_PARAMETERS).map(([key, value]) => [
      key,
      { value, source: "user-override" },
    ]),
  ),
);

/** Azure's additions to a resource's inputs. */
function azureOutputs(type: string, name: string, inputs: Values): Values {
  switch (type) {
    case "azure-native:network:PublicIPAddress":
      return { ipAddress: "192.0.2.10" };
    case "azure-native:storage:StorageAccount":
      return {
        primaryEndpoints: { blob: `https://${name}.blob.core.windows.net/` },
        creationTime: CREATED_AT,
      };
    case "azure-native:dbforpostgresql:Server":
      return {
        fullyQualifiedDomainName: `${name}.postgres.database.azure.com`,
        systemData: { createdAt: CREATED_AT },
      };
    case "azure-native:managedidentity:UserAssignedIdentity":
      return { principalId: PRINCIPAL_ID, clientId: CLIENT_ID };
    case "azure-native:compute:VirtualMachine":
      return {
        vmId: VM_ID,
        ...(inputs.identity ? { identity: { principalId: PRINCIPAL_ID } } : {}),
      };
    default:
      return {};
  }
}
