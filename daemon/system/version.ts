/** Set by build.mjs from package.json; absent when the sources run unbundled. */
declare const __VERSION__: string | undefined;

/** The version of this build, or `0.0.0` from sources. */
export const version: string = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0';
