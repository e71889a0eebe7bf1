import { join } from 'node:path';
import { noProviders, openProviders, type Providers } from './detection/providers.ts';
import { noVendors, openVendors, type VendorOf } from './identity/vendor.ts';
import { noSuffixes, openSuffixes, type RegistrableDomain } from './names/public-suffix.ts';
import { readSection } from './system/data-file.ts';

/** What is known of the world before anything happens. */
export interface Data {
  readonly vendorOf: VendorOf;
  readonly providers: Providers;
  /** Why something is missing. */
  readonly reason?: string;
}

/** Reads the data file beside the bundle; without it (or unbundled) no maker and no provider is known. */
export function readData(): Data {
  const vendors = readSection(path(), 'vendors');
  const providers = readSection(path(), 'providers');
  const reason = vendors.reason ?? providers.reason;
  return {
    vendorOf: vendors.bytes ? openVendors(vendors.bytes) : noVendors,
    providers: providers.bytes ? openProviders(providers.bytes) : noProviders,
    ...(reason === undefined ? {} : { reason }),
  };
}

/** The public suffixes, 41 KB that only names need. */
export function readSuffixes(): RegistrableDomain {
  const { bytes } = readSection(path(), 'suffixes');
  return bytes ? openSuffixes(bytes) : noSuffixes;
}

const path = () => join(typeof __dirname === 'string' ? __dirname : '.', 'postern-data.bin');
