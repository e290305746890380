import type { SagaError } from "#api/sagas.ts";
import { Copyable } from "#dashboard/parts/copyable.tsx";
import { inPlainWords } from "./plain-error.ts";

/** Of an error, what an engineer or the provider's support asks for: the request, its status and its id. */
export function ErrorDetail({ error }: { readonly error: SagaError }) {
  const { technical } = inPlainWords(error.message);
  const requestId = error["request_id"];
  return (
    <span className="detail">
      <span>{technical ?? error.code}</span>
      {typeof requestId === "string" && (
        <span>
          request <Copyable text={requestId} what="the provider's request id" />
        </span>
      )}
    </span>
  );
}
