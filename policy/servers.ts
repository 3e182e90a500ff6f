import type { ConfigurationArgs } from "@pulumi/azure-native/dbforpostgresql";
import type { DiagnosticSettingArgs } from "@pulumi/azure-native/monitor";
import type { PolicyResource, ResourceValidationArgs } from "@pulumi/policy";
import type { Unwrap } from "@pulumi/pulumi";

export const CONFIGURATION = "azure-native:dbforpostgresql:Configuration";
const SERVER = "azure-native:dbforpostgresql:Server";
const SETTING = "azure-native:monitor:DiagnosticSetting";

type Setting = Unwrap<Pick<DiagnosticSettingArgs, "logs" | "resourceUri">>;
type Parameter = Unwrap<Pick<ConfigurationArgs, "configurationName" | "serverName" | "value">>;

/** A flexible server with what the stack declares of it. */
export interface Server {
  /** Undefined for a server that exists already, which isn't a resource of the stack. */
  readonly urn: string | undefined;
  readonly settings: Setting[];
  /** Server parameters by their names. A value may be unknown in a preview: it is read only where it matters. */
  readonly parameters: Map<string, Parameter>;
  /** URNs of the settings and parameters. */
  readonly parts: string[];
}

/**
 * The flexible servers of a stack. The check of a stack gets the resources' outputs, which contain neither the names of
 * parameters nor the ids of settings' servers in a preview; therefore the inputs are remembered from the checks of resources.
 */
export class ServersOfStack {
  private readonly inputs = new Map<string, object>();

  remember({ urn, type, props }: ResourceValidationArgs): void {
    if (type === CONFIGURATION || type === SETTING) this.inputs.set(urn, props);
  }

  among(resources: readonly PolicyResource[]): Server[] {
    const servers = new Map<string, Server>();
    const serverOf = (key: string, urn?: string): Server => {
      const found = servers.get(key) ?? { urn, settings: [], parameters: new Map(), parts: [] };
      servers.set(key, found);
      return found;
    };
    for (const { type, urn } of resources) if (type === SERVER) serverOf(urn, urn);
    for (const resource of resources) {
      if (resource.type === CONFIGURATION) {
        const inputs = this.inputsOf(resource) as Parameter;
        const server = serverOf(ownerOf(resource, "serverName") ?? inputs.serverName.toLowerCase());
        server.parameters.set(inputs.configurationName ?? "", inputs);
        server.parts.push(resource.urn);
      }
      if (resource.type === SETTING) {
        const inputs = this.inputsOf(resource) as Setting;
        const name = ownerOf(resource, "resourceUri") ?? serverName(inputs.resourceUri);
        if (name === undefined) continue;
        const server = serverOf(name);
        server.settings.push(inputs);
        server.parts.push(resource.urn);
      }
    }
    return [...servers.values()];
  }

  /** Outputs of a resource that an update with --target leaves out: its inputs weren't checked. */
  private inputsOf({ urn, props }: PolicyResource): object {
    return this.inputs.get(urn) ?? { configurationName: props.name as string, ...props };
  }
}

/** The server resource that an input comes from: its name and id are unknown in the preview of its creation. */
const ownerOf = ({ propertyDependencies }: PolicyResource, input: string): string | undefined =>
  propertyDependencies[input]?.find(({ type }) => type === SERVER)?.urn;

/** Undefined for the id of another type of resource. */
const serverName = (id: string): string | undefined =>
  /\/flexibleServers\/([^/]+)$/i.exec(id)?.[1]?.toLowerCase();
