import { countAgo } from './hourly.ts';
import type { Input } from './input.ts';
import type { Turn } from './state.ts';

const hourMs = 3_600_000;

/** Adds what the last run had counted of the week. It comes from a file: what is no count is none. */
export function onWeek({ state, at }: Turn, { counts, agoMs }: Extract<Input, { type: 'week' }>): void {
  const hoursAgo = Math.floor(agoMs / hourMs);
  for (const [name, hourly] of Object.entries(state.week)) {
    const saved = counts[name];
    if (!Array.isArray(saved)) continue;
    for (const [index, amount] of saved.entries()) {
      const isCount = Number.isSafeInteger(amount) && amount >= 0;
      if (isCount) countAgo(hourly, amount, saved.length - 1 - index + hoursAgo, at.nowMs);
    }
  }
}
