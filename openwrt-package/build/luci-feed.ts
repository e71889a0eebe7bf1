import type { TreeEntry } from './package-contents.ts';
import type { PackageDescription, PackageScripts } from './package-description.ts';

/**
 * The Makefile of a LuCI package for OpenWrt's SDK, with the rules of the feed of LuCI: they know `htdocs`, `root` and `po`. They
 * look what is defined as they are read, so that every script stands before them, and name themselves where they are told nothing.
 */
export function luciMakefile(
  { name, title, license, maintainer, depends }: PackageDescription,
  version: string,
  _tree: readonly TreeEntry[],
  { postinst = '', postrm = '' }: PackageScripts,
): string {
  const [, upstream = '', release = ''] = /^(.*)-r(\d+)$/.exec(version) ?? [];
  const script = (kind: string, text: string) =>
    `define Package/${name}/${kind}\n${text.trimEnd().replaceAll('$', '$$$$')}\nendef`;
  return `include $(TOPDIR)/rules.mk

PKG_NAME:=${name}
PKG_VERSION:=${upstream}
PKG_RELEASE:=${release}

PKG_MAINTAINER:=${maintainer}
PKG_LICENSE:=${license}

LUCI_TITLE:=${title.split(':')[0]}
LUCI_DESCRIPTION:=${title}.
LUCI_DEPENDS:=${depends.map((one) => `+${one}`).join(' ')}
LUCI_PKGARCH:=all
LUCI_MAINTAINER:=$(PKG_MAINTAINER)
LUCI_URL:=
# Else that of the translations is the time at which they were copied.
PKG_PO_VERSION:=$(PKG_VERSION)-r$(PKG_RELEASE)

${script('postinst', postinst)}

${script('postrm', postrm)}

include $(TOPDIR)/feeds/luci/luci.mk

# call BuildPackage - OpenWrt buildroot signature
`;
}
