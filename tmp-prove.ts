import { openGround } from "#proof/ground.ts";
import { proveSaga } from "#proof/matrix/prove-saga.ts";
import { startTestServer } from "#proof/server.ts";
const [, , among = "", pairs = "0", ...names] = process.argv;
const server = await startTestServer();
try {
  for (const name of names) {
    const ground = await openGround(server, `p${Date.now()}`);
    let n = 0;
    const start = Date.now();
    const proof = await proveSaga(ground, name, {
      pairs: Number(pairs),
      seed: 1,
      among: new RegExp(among),
      onTrial: (t, o) => {
        n++;
        if (o.broken.length) console.log("BROKEN", name, t, o.broken.join("; "));
      },
    });
    console.log(
      name,
      "trials",
      n,
      "broken",
      proof.failures.length,
      "points",
      proof.points,
      "calls",
      proof.calls,
      (Date.now() - start) / 1000,
      "s",
    );
    await ground.close();
  }
} finally {
  await server.stop();
}
