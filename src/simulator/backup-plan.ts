import { z } from "zod";
import { chance } from "./chance.ts";
import { unprocessable } from "./errors.ts";

const hours = [0, 4, 8, 12, 16, 20];
const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] as const;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
export const windowMs = 4 * hourMs;

/** When a droplet is backed up; `nextAt` is when the next window opens. */
export const backupPlanSchema = z.object({
  plan: z.enum(["daily", "weekly"]),
  weekday: z.enum(weekdays).nullable(),
  hour: z.number().int(),
  nextAt: z.number().int(),
});

export type BackupPlan = z.infer<typeof backupPlanSchema>;

export const backupPolicyShape = z.object({
  plan: z.enum(["daily", "weekly"]),
  weekday: z.enum(weekdays).nullish(),
  hour: z.number().int().nullish(),
});

/** Daily backups are kept a week, weekly ones four. */
export const retentionDays = ({ plan }: Pick<BackupPlan, "plan">): number => (plan === "daily" ? 7 : 28);
export const retentionMs = (plan: BackupPlan): number => retentionDays(plan) * dayMs;

/** The plan of a policy, daily without one. An hour or weekday that is left open falls somewhere. */
export function backupPlan(
  policy: z.infer<typeof backupPolicyShape> | null | undefined,
  lot: { seed: number; dropletId: number },
  now: number,
): BackupPlan {
  const somewhere = chance(lot.seed, `backup window ${lot.dropletId}`);
  const plan = policy?.plan ?? "daily";
  const hour = policy?.hour ?? hours[Math.floor(somewhere * hours.length)] ?? 0;
  if (!hours.includes(hour)) throw unprocessable(`Backup policy hour must be one of ${hours.join(", ")}`);
  if (plan === "daily" && policy?.weekday) throw unprocessable("A daily backup policy has no weekday");
  const anyDay = weekdays[Math.floor(somewhere * weekdays.length)] ?? "SUN";
  const weekday = plan === "weekly" ? (policy?.weekday ?? anyDay) : null;
  return { plan, weekday, hour, nextAt: nextWindow({ plan, weekday, hour }, now) };
}

/** When the first window after `time` opens. */
export function nextWindow({ weekday, hour }: Omit<BackupPlan, "nextAt">, time: number): number {
  let at = Math.floor(time / dayMs) * dayMs + hour * hourMs;
  while (at <= time || (weekday !== null && weekdays[new Date(at).getUTCDay()] !== weekday)) at += dayMs;
  return at;
}
