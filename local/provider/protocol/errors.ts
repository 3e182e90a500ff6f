import * as grpc from "@grpc/grpc-js";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { PartialFailure, type Inputs } from "./types";
import { encode, type Secrecy } from "./values";

/** What the request said, for a failure that keeps what was made. */
export interface FailureContext {
  readonly inputs: Inputs;
  readonly secrecy: Secrecy;
}

/** An exception as the engine wants it: its message, no stack; for a partial failure also the state to record. */
export function toServiceError(error: unknown, context?: FailureContext): grpc.ServiceError {
  const message = error instanceof Error ? error.message : String(error);
  return Object.assign(new Error(message), {
    code: grpc.status.UNKNOWN,
    details: message,
    metadata: error instanceof PartialFailure ? partialState(error, context) : new grpc.Metadata(),
  });
}

/** Go's gRPC reads structured details from this header, as a serialised google.rpc.Status. */
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
