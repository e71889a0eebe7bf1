import { parsePrefix } from '../address/prefix.ts';
import { type DeviceClass, deviceClasses, type Preset } from '../config/config.ts';
import type { ReplayOptions } from '../replay/replay-options.ts';

/** What `postern replay` is asked for. */
export interface Replaying extends ReplayOptions {
  readonly paths: readonly string[];
  readonly json: boolean;
}

const presets = ['relaxed', 'normal', 'strict'] as const satisfies readonly Preset[];

type Values = Readonly<Partial<Record<'class' | 'preset' | 'lan' | 'enforce' | 'json', unknown>>>;

/** The first mistake in the options; undefined where there is none. */
export function replayFault(values: Values): string | undefined {
  if (values.class !== undefined && !classOf(values)) return choice('--class', deviceClasses);
  if (values.preset !== undefined && !presetOf(values)) return choice('--preset', presets);
  const wrong = prefixTexts(values).find((text) => !parsePrefix(text));
  return wrong === undefined
    ? undefined
    : `"${wrong}" is no prefix: write --lan 192.168.1.0/24 or --lan 2001:db8:1::/48`;
}

/** The options, once {@link replayFault} found none. */
export function replayingOf(paths: readonly string[], values: Values): Replaying {
  const given = classOf(values);
  return {
    paths,
    json: values.json === true,
    ...(given && { class: given }),
    preset: presetOf(values) ?? 'normal',
    lan: prefixTexts(values).flatMap((text) => parsePrefix(text) ?? []),
    enforce: values.enforce === true,
  };
}

const classOf = (values: Values): DeviceClass | undefined =>
  deviceClasses.find((name) => name === values.class);

const presetOf = (values: Values): Preset | undefined => presets.find((name) => name === values.preset);

/** The option may be repeated, and hold several with commas. */
function prefixTexts({ lan }: Values): string[] {
  return Array.isArray(lan) ? lan.flatMap((text) => String(text).split(',')) : [];
}

function choice(option: string, names: readonly string[]): string {
  return `${option} must be one of ${names.join(', ')}`;
}
