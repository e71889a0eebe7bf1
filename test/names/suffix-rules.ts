import { domainToASCII } from 'node:url';
import { openSuffixes } from '../../daemon/names/public-suffix.ts';
import { packSuffixes } from '../../daemon/names/suffix-pack.ts';
// @ts-expect-error a list without types
import list from '../../node_modules/psl/data/rules.js';

/** The rules of the Public Suffix List as psl has them, in punycode. */
export const rules = (list as readonly string[]).map((rule) => rule.replace(/[^*!.].*/, domainToASCII));
export const packed = packSuffixes(rules);
export const registrableDomain = openSuffixes(packed);
