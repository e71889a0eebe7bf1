/** An object of JSON whose members are yet to be looked at. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether the value is an object: a list is none. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object that the text is; undefined if it is none. Never throws. */
export function jsonObjectOf(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
