import type { TreeEntry } from './package-contents.ts';
import type { PackageDescription, PackageScripts } from './package-description.ts';

/** The Makefile of a package for OpenWrt's SDK: installs what is beside it in `files`, the same tree as in ours. */
export function feedMakefile(
  description: PackageDescription,
  version: string,
  tree: readonly TreeEntry[],
  { prerm = '' }: PackageScripts,
): string {
  const { name, title, section, license, maintainer, users, conffiles } = description;
  const [, upstream = '', release = ''] = /^(.*)-r(\d+)$/.exec(version) ?? [];
  // Releases with apk have no node to depend on.
  const depends = [
    ...description.depends.map((name) => `+${name}`),
    ...description.dependsOpkg.map((name) => `+!USE_APK:${name}`),
  ];
  return `include $(TOPDIR)/rules.mk

PKG_NAME:=${name}
PKG_VERSION:=${upstream}
PKG_RELEASE:=${release}

PKG_MAINTAINER:=${maintainer}
PKG_LICENSE:=${license}

include $(INCLUDE_DIR)/package.mk

define Package/${name}
  SECTION:=${section}
  CATEGORY:=Network
  TITLE:=${title.split(':')[0]}
  DEPENDS:=${depends.join(' ')}
  USERID:=${users.join(' ')}
  PKGARCH:=all
endef

define Package/${name}/description
  ${title}.
endef

define Package/${name}/conffiles
${conffiles.join('\n')}
endef

define Package/${name}/prerm
${prerm.trimEnd().replaceAll('$', '$$$$')}
endef

define Build/Compile
endef

define Package/${name}/install
${tree.map(installLine).join('\n')}
endef

$(eval $(call BuildPackage,${name}))
`;
}

function installLine({ path, mode, bytes }: TreeEntry): string {
  if (!bytes) return `\t$(INSTALL_DIR) $(1)${path}`;
  const install = mode === 0o755 ? 'BIN' : mode === 0o600 ? 'CONF' : 'DATA';
  return `\t$(INSTALL_${install}) ./files${path} $(1)${path}`;
}
