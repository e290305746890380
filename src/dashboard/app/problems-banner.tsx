import { Banner } from "#dashboard/parts/banner.tsx";
import { plain } from "#dashboard/sagas/words.ts";
import { useProvider } from "./use-provider.ts";

/** What is wrong with the installation as a whole; not for a tenant's token. */
export function ProblemsBanner() {
  const problems = useProvider()?.problems ?? [];
  return (
    <div role="alert">
      {problems.map(({ code, message, remedy }) => (
        <Banner key={code} tone="bad" title={<strong>{plain(code)}</strong>}>
          {message}. {remedy}.
        </Banner>
      ))}
    </div>
  );
}
