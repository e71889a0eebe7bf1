import type { Config } from '../config/config.ts';
import type { Group, Providers } from '../detection/providers.ts';
import type { RegistrableDomain } from './public-suffix.ts';

/** What the names of an address say. */
export interface Named {
  /** The registrable domain of the name that was asked for: words for people, and no more. */
  readonly domain?: string;
  /** Whose server it is, where somebody vouches for the name. */
  readonly group?: Group;
}

/** The longest domain that is shown or is a group's id. */
const longestDomain = 63;

/**
 * Says what names are worth. Anybody can make names, and lead as many strangers' servers to one name as he likes: a bot's
 * targets would be one group, or a neighbour's relay many. So a name joins servers only where it is under a provider's own
 * domain, or where the owner wrote it down: as a relay, or as `mail_domain`. See docs/decisions/0013-names-that-count.md.
 */
export function naming(
  { devices, mailDomains }: Pick<Config, 'devices' | 'mailDomains'>,
  providers: Providers,
  registrableDomain: RegistrableDomain,
): (names: readonly string[]) => Named {
  const hosts = new Set(devices.flatMap(({ relays }) => relays.map(({ host }) => host)));

  function ownersGroup(name: string): Group | undefined {
    const domain = mailDomains.find((each) => `.${name}`.endsWith(`.${each}`));
    const id = domain ?? (hosts.has(name) ? (registrableDomain(name) ?? name) : '');
    return id === '' || id.length > longestDomain ? undefined : { id, mailboxes: false };
  }

  return (names) => {
    const domain = registrableDomain(names[0] ?? '');
    let group: Group | undefined;
    for (const name of names) group ??= providers.ownerOf(name) ?? ownersGroup(name);
    return {
      ...(domain !== undefined && domain.length <= longestDomain && { domain }),
      ...(group && { group }),
    };
  };
}
