import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ListedObject, parseListing } from '../../daemon/enforcement/listing.ts';
import { layoutChain } from '../../daemon/enforcement/table.ts';
import { repositoryRoot } from '../lab/root.ts';

/** Versions of nft whose listing of one and the same table lies among the fixtures. */
export const nftVersions = ['1.0.6', '1.1.3'] as const;

/** As recorded, but for the layout's number: what is tested is how versions of nft list, not which sets there are. */
export function listingText(version: string): string {
  const text = readFileSync(join(repositoryRoot, 'test/fixtures', `nft-${version}`, 'table.json'), 'utf8');
  return text.replaceAll(/layout_\d+/g, layoutChain);
}

export function listedTable(version: string): ListedObject[] {
  const objects = parseListing(listingText(version), 'postern');
  if (!objects) throw new Error('the fixture is no listing');
  return objects;
}
