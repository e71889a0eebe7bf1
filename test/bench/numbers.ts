/** The value below which `share` (0 to 1) of the values lie, by the nearest rank; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** With so many places after the point. */
export function rounded(value: number, places: number): number {
  return Number(value.toFixed(places));
}
