/** An error response of Azure: HTTP status, Azure's code, a message for people. */
export class ArmError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** The header Retry-After, if Azure sends it. */
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
    this.name = "ArmError";
  }

  /** The error in the body of error responses and of failed operations. */
  get error(): { code: string; message: string } {
    return { code: this.code, message: this.message };
  }

  /** The body of Azure's error responses. Source: "Microsoft REST API guidelines", error condition responses. */
  get body(): object {
    return { error: this.error };
  }
}

/**
 * An error that Azure doesn't wrap in `error`, so that clients that read `error` show nothing (terraform-provider-azurerm
 * 21161: "409 nil error"). Source: the response in Azure/terraform-azurerm-avm-ptn-aiml-landing-zone 19.
 */
export class BareArmError extends ArmError {
  override get body(): object {
    return this.error;
  }
}

export const resourceNotFound = (id: string): ArmError =>
  new ArmError(404, "ResourceNotFound", `The Resource '${id}' was not found.`);

export const resourceGroupNotFound = (name: string): ArmError =>
  new ArmError(404, "ResourceGroupNotFound", `Resource group '${name}' could not be found.`);

/** Source: azure-postgresql 134. */
export const serverIsBusy = (serverId: string): ArmError =>
  new ArmError(
    409,
    "ServerIsBusy",
    `Cannot complete operation while server '${serverId.split("/").at(-1)}' is busy processing another operation. Try again later.`,
  );

/** The body names a resource that doesn't exist. Source: the Resource Manager's error InvalidResourceReference. */
export const invalidReference = (id: string): ArmError =>
  new ArmError(
    400,
    "InvalidResourceReference",
    `Resource ${id} referenced by the request was not found. Please make sure that the referenced resource exists.`,
  );

export const invalidPath = (path: string): ArmError =>
  new ArmError(404, "InvalidResourcePath", `'${path}' is not the path of a resource.`);
