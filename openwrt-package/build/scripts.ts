import type { PackageDescription, PackageScripts } from './package-description.ts';

// The words of OpenWrt's own include/package-pack.mk: default_postinst makes users, runs uci-defaults, enables and starts.
const unlessAsked = `[ "\${IPKG_NO_SCRIPT}" = "1" ] && exit 0`;
const functions = `[ -s \${IPKG_INSTROOT}/lib/functions.sh ] || exit 0\n. \${IPKG_INSTROOT}/lib/functions.sh`;

/** opkg's postinst and prerm; our own parts are `postinst-pkg` and `prerm-pkg` beside them, which the defaults read. */
export const opkgScripts = {
  postinst: `#!/bin/sh\n${unlessAsked}\n${functions}\ndefault_postinst $0 $@\n`,
  prerm: `#!/bin/sh\n${functions}\ndefault_prerm $0 $@\n`,
} as const;

/** apk's scripts of a package. Our own part before removal comes before default_prerm, which stops the service. */
export function apkScripts({ name }: PackageDescription, { postinst, prerm, postrm }: PackageScripts) {
  const head = `${functions}\nexport root="\${IPKG_INSTROOT}"\nexport pkgname="${name}"\n`;
  const install = `${unlessAsked}\n${head}add_group_and_user\ndefault_postinst\n${part(postinst)}`;
  return {
    'post-install': `#!/bin/sh\n${install}`,
    'post-upgrade': `#!/bin/sh\nexport PKG_UPGRADE=1\n${install}`,
    'pre-deinstall': `#!/bin/sh\n${part(prerm)}${head}default_prerm\n`,
    ...(postrm === undefined ? {} : { 'post-deinstall': postrm }),
  };
}

/** In a process of its own, since it ends with exit. */
function part(script: string | undefined): string {
  return script === undefined ? '' : `(\n${script.replace(/^#!.*\n/, '')})\n`;
}
