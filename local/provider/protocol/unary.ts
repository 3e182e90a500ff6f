import * as grpc from "@grpc/grpc-js";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { PartialFailure, type Inputs } from "./types";
import { encode, type Secrecy } from "./values";

/** The inputs of the request, for a failure after which a resource exists. */
export interface FailureContext {
  readonly inputs: Inputs;
  readonly secrecy: Secrecy;
}

/** An exception as the engine expects it: its message without a stack; for a partial failure also the state to record. */
export function toServiceError(error: unknown, context?: FailureContext): grpc.ServiceError {
  const message = error instanceof Error ? error.message : String(error);
  return Object.assign(new Error(message), {
    code: grpc.status.UNKNOWN,
    details: message,
    metadata: error instanceof PartialFailure ? partialState(error, context) : new grpc.Metadata(),
  });
}

/** Go's gRPC reads structured details from this header: a serialised google.rpc.Status. */
function partialState(failure: PartialFailure, context?: FailureContext): grpc.Metadata {
  const detail = new ErrorResourceInitFailed()
    .setId(failure.id)
    .setProperties(encode(failure.outputs, context?.secrecy))
    .setInputs(encode(failure.inputs ?? context?.inputs ?? {}, context?.secrecy))
    .setReasonsList([...failure.reasons]);
  const any = new Any();
  any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status().setCode(grpc.status.UNKNOWN).setMessage(failure.message);
  status.addDetails(any);
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return metadata;
}

/** A gRPC method that returns a promise's value. */
export function unary<Request, Response>(
  answer: (request: Request) => Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    answer(call.request).then(
      (response) => callback(null, response),
      (error: unknown) => callback(isComplete(error) ? error : toServiceError(error)),
    );
  };
}

/** Whether the error comes from toServiceError, with the request's context. */
function isComplete(error: unknown): error is grpc.ServiceError {
  return error instanceof Error && "metadata" in error && "details" in error;
}
