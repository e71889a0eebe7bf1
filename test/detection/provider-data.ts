import { readFileSync } from 'node:fs';
import { type ProviderList, packProviders } from '../../daemon/detection/provider-pack.ts';
import { openProviders } from '../../daemon/detection/providers.ts';
import { noVendors } from '../../daemon/identity/vendor.ts';

const path = new URL('../../daemon/detection/providers.json', import.meta.url);

/** The list of the repository, and the table that the data file makes of it. */
export const providerList = JSON.parse(readFileSync(path, 'utf8')) as ProviderList;
export const providers = openProviders(packProviders(providerList));
export const { groupOf } = providers;

/** What an engine knows where nobody's maker matters. */
export const data = { vendorOf: noVendors, providers };
