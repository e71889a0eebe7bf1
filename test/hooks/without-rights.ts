/** The user that hooks run as in tests: nobody. */
export const hooksUser = 65534;

/** What in front of a command runs it without any capability, as `postern hooks` should be: as a user of its own where we are root. */
export const withoutRights: readonly string[] =
  process.getuid?.() === 0
    ? [
        ...['setpriv', '--reuid', String(hooksUser), '--regid', String(hooksUser), '--clear-groups'],
        ...['--bounding-set', '-all', '--inh-caps', '-all', '--'],
      ]
    : [];
