/** A refusal as Azure words it: HTTP status, Azure's code, a message for people. */
export class ArmError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "ArmError";
  }

  /** The body of Azure's error responses. Source: "Microsoft REST API guidelines", error condition responses. */
  get body(): { error: { code: string; message: string } } {
    return { error: { code: this.code, message: this.message } };
  }
}

export const resourceNotFound = (id: string): ArmError =>
  new ArmError(404, "ResourceNotFound", `The Resource '${id}' was not found.`);

export const resourceGroupNotFound = (name: string): ArmError =>
  new ArmError(404, "ResourceGroupNotFound", `Resource group '${name}' could not be found.`);
