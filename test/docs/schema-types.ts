import type { DeviceKey } from '../../daemon/address/device-key.ts';

/** As much of JSON Schema (draft 2020-12) as our documents need. */
export type Schema =
  | { readonly const: string | number; readonly description?: string }
  | { readonly enum: readonly string[]; readonly description?: string }
  | {
      readonly type: 'string';
      readonly format?: 'date-time' | 'device-key';
      readonly description?: string;
    }
  | { readonly type: 'integer' | 'number' | 'boolean'; readonly description?: string }
  | {
      readonly type: 'array';
      readonly items: Schema;
      readonly maxItems?: number;
      readonly description?: string;
    }
  | ObjectSchema;

/** An object; other members may be added by later versions. */
export interface ObjectSchema {
  readonly type: 'object';
  readonly description?: string;
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required: readonly string[];
}

/** The type of what a schema describes. */
export type Described<S> = S extends { readonly const: infer C }
  ? C
  : S extends { readonly enum: readonly (infer E)[] }
    ? E
    : S extends { readonly format: 'device-key' }
      ? DeviceKey
      : S extends { readonly type: 'string' }
        ? string
        : S extends { readonly type: 'integer' | 'number' }
          ? number
          : S extends { readonly type: 'boolean' }
            ? boolean
            : S extends { readonly type: 'array'; readonly items: infer I }
              ? readonly Described<I>[]
              : S extends {
                    readonly type: 'object';
                    readonly properties: infer P;
                    readonly required: readonly (infer R)[];
                  }
                ? { readonly [K in keyof P & R]: Described<P[K]> } & {
                    readonly [K in Exclude<keyof P, R>]?: Described<P[K]>;
                  }
                : never;

/** True where both have the same members, and each could stand for the other. */
export type Same<A, B> = [A] extends [B]
  ? [B] extends [A]
    ? [keyof A] extends [keyof B]
      ? [keyof B] extends [keyof A]
        ? true
        : never
      : never
    : never
  : never;

/** What is wrong with a value, each with its path; nothing where it is as the schema says. Unknown members are wrong. */
export function faultsOf(schema: Schema, value: unknown, path = ''): string[] {
  if ('const' in schema) return value === schema.const ? [] : [`${path} is not ${schema.const}`];
  if ('enum' in schema) return schema.enum.includes(String(value)) ? [] : [`${path} is ${String(value)}`];
  switch (schema.type) {
    case 'string': {
      if (typeof value !== 'string') return [`${path} is no string`];
      const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value);
      return schema.format === 'date-time' && !isTime ? [`${path} is no time: ${value}`] : [];
    }
    case 'integer':
      return Number.isSafeInteger(value) ? [] : [`${path} is no integer`];
    case 'number':
    case 'boolean':
      return typeof value === schema.type ? [] : [`${path} is no ${schema.type}`];
    case 'array':
      if (!Array.isArray(value)) return [`${path} is no array`];
      if (value.length > (schema.maxItems ?? Number.POSITIVE_INFINITY)) return [`${path} is too long`];
      return value.flatMap((item, index) => faultsOf(schema.items, item, `${path}/${index}`));
    case 'object':
      return faultsOfObject(schema, value, path);
  }
}

function faultsOfObject(schema: ObjectSchema, value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [`${path} is no object`];
  const missing = schema.required
    .filter((name) => !(name in value))
    .map((name) => `${path}/${name} is missing`);
  const members = Object.entries(value).flatMap(([name, member]) => {
    const known = schema.properties[name];
    return known ? faultsOf(known, member, `${path}/${name}`) : [`${path}/${name} is unknown`];
  });
  return [...missing, ...members];
}
