import { deploymentPreview, newDeployment } from "#api/deployments.ts";
import { paths } from "#api/paths.ts";
import { usd } from "#dashboard/parts/usd.ts";
import { usePreview } from "#dashboard/server/use-preview.ts";
import { bodyOf, type Draft } from "./draft.ts";

/** What a deployment would cost, once enough of it is filled in; what is wrong with it is said when it is sent. */
export function DraftCost({ draft }: { readonly draft: Draft }) {
  const asked = newDeployment.safeParse(bodyOf(draft));
  const { data } = usePreview(["deployments", "preview"], paths.deployments, deploymentPreview, asked);
  return <MonthlyCost usd={data?.monthly_usd} />;
}

/** Beside a button that makes it. Undefined: it is not known yet. */
export function MonthlyCost(props: { readonly usd: number | null | undefined }) {
  return (
    <span className="faint" role="status">
      {props.usd !== undefined && (
        <>
          Costs <b>{usd(props.usd)}</b> a month, by the provider’s prices
        </>
      )}
    </span>
  );
}
