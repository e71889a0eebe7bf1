import type { PackageDescription } from './package-description.ts';

// The words of OpenWrt's own include/package-pack.mk: default_postinst makes users, runs uci-defaults, enables and starts.
const unlessAsked = `[ "\${IPKG_NO_SCRIPT}" = "1" ] && exit 0`;
const functions = `[ -s \${IPKG_INSTROOT}/lib/functions.sh ] || exit 0\n. \${IPKG_INSTROOT}/lib/functions.sh`;

/** opkg's postinst and prerm; our own part of the latter is `prerm-pkg` beside it, which default_prerm reads. */
export const opkgScripts = {
  postinst: `#!/bin/sh\n${unlessAsked}\n${functions}\ndefault_postinst $0 $@\n`,
  prerm: `#!/bin/sh\n${functions}\ndefault_prerm $0 $@\n`,
} as const;

/** apk's scripts of a package. Its own part comes before default_prerm, which stops the service. */
export function apkScripts({ name }: PackageDescription, prerm: string) {
  const head = `${functions}\nexport root="\${IPKG_INSTROOT}"\nexport pkgname="${name}"\n`;
  const install = `${unlessAsked}\n${head}add_group_and_user\ndefault_postinst\n`;
  // A part of its own process, since it ends with exit.
  const own = `(\n${prerm.replace(/^#!.*\n/, '')})\n`;
  return {
    'post-install': `#!/bin/sh\n${install}`,
    'post-upgrade': `#!/bin/sh\nexport PKG_UPGRADE=1\n${install}`,
    'pre-deinstall': `#!/bin/sh\n${own}${head}default_prerm\n`,
  };
}
