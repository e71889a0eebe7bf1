import { parsePrefix } from '../address/prefix.ts';
import { type DeviceClass, deviceClasses, type Preset } from '../config/config.ts';
import type { Outage, ReplayOptions } from '../replay/replay-options.ts';
import { timeIn } from '../replay/utc-time.ts';

/** What `postern replay` is asked for. */
export interface Replaying extends ReplayOptions {
  readonly paths: readonly string[];
  readonly json: boolean;
}

const presets = ['relaxed', 'normal', 'strict'] as const satisfies readonly Preset[];

type Values = Readonly<Partial<Record<'class' | 'preset' | 'lan' | 'outage' | 'enforce' | 'json', unknown>>>;

/** The first mistake in the options; undefined where there is none. */
export function replayFault(values: Values): string | undefined {
  if (values.class !== undefined && !classOf(values)) return choice('--class', deviceClasses);
  if (values.preset !== undefined && !presetOf(values)) return choice('--preset', presets);
  const wrong = textsOf(values.lan).find((text) => !parsePrefix(text));
  if (wrong !== undefined)
    return `"${wrong}" is no prefix: write --lan 192.168.1.0/24 or --lan 2001:db8:1::/48`;
  const unread = textsOf(values.outage).find((text) => !outageIn(text));
  return unread === undefined
    ? undefined
    : `"${unread}" is no time: write --outage 2026-11-21T14:00:00Z/2026-11-21T15:30:00Z`;
}

/** The options, once {@link replayFault} found none. */
export function replayingOf(paths: readonly string[], values: Values): Replaying {
  const given = classOf(values);
  return {
    paths,
    json: values.json === true,
    ...(given && { class: given }),
    preset: presetOf(values) ?? 'normal',
    lan: textsOf(values.lan).flatMap((text) => parsePrefix(text) ?? []),
    ...(values.outage !== undefined && {
      outages: textsOf(values.outage).flatMap((text) => outageIn(text) ?? []),
    }),
    enforce: values.enforce === true,
  };
}

const classOf = (values: Values): DeviceClass | undefined =>
  deviceClasses.find((name) => name === values.class);

const presetOf = (values: Values): Preset | undefined => presets.find((name) => name === values.preset);

/** The option may be repeated, and hold several with commas. */
function textsOf(given: unknown): string[] {
  return Array.isArray(given) ? given.flatMap((text) => String(text).split(',')) : [];
}

function outageIn(text: string): Outage | undefined {
  const [fromS, toS, ...more] = text.split('/').map(timeIn);
  return fromS !== undefined && toS !== undefined && fromS < toS && more.length === 0
    ? { fromS, toS }
    : undefined;
}

function choice(option: string, names: readonly string[]): string {
  return `${option} must be one of ${names.join(', ')}`;
}
