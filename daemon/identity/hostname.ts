/** The longest name that is shown: that of one DNS label. */
const maxLength = 63;
/** So much of the raw name is looked at. */
const maxRaw = 255;

/**
 * What of a device's own name may be shown, at most 63 characters; undefined if nothing remains.
 *
 * The device chooses this name, and whoever reads it sits in front of a router's page: in 2026 a line break in one
 * became stored script in LuCI. So only Latin letters, digits, space and `. _ -` stay. Other scripts go too: a name must
 * not pass for another by letters that look alike. Written without `\p{}`, which the router's Node may lack.
 */
export function cleanHostname(raw: string): string | undefined {
  const kept = raw.slice(0, maxRaw).replace(/[^A-Za-z0-9À-ÖØ-öø-\u017f ._-]/g, '');
  const name = kept.replace(/ {2,}/g, ' ').replace(/^[ ._-]+/, '');
  const trimmed = name.slice(0, maxLength).replace(/[ ._-]+$/, '');
  return trimmed === '' ? undefined : trimmed;
}
