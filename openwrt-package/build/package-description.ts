/** A file of a package. */
export interface PackageFile {
  /** Where it goes, absolute. */
  readonly path: string;
  readonly mode: number;
  /** Where it comes from: a file of the package's folder, one of `dist`, what the build makes, or here. */
  readonly from:
    | { readonly file: string }
    | { readonly dist: string }
    | { readonly made: MadeName }
    | { readonly text: string };
}

/** What the build makes and no file holds: the shipped guard, or `de.lmo`, the translations of that language. */
export type MadeName = 'guard.nft' | `${string}.lmo`;

/** Our own parts of a package's scripts, each a file of its folder; what every package does comes from OpenWrt. */
export interface PackageScripts {
  /** After it was installed or upgraded. */
  readonly postinst?: string;
  /** Before it is removed or upgraded. */
  readonly prerm?: string;
  /** After it was removed or upgraded. */
  readonly postrm?: string;
}

/** A package for OpenWrt, for opkg, apk and the SDK alike. */
export interface PackageDescription {
  readonly name: string;
  readonly title: string;
  readonly section: string;
  readonly license: string;
  readonly maintainer: string;
  /** What every release has. */
  readonly depends: readonly string[];
  /** What only releases with opkg have. */
  readonly dependsOpkg: readonly string[];
  /** `user:group`, made at installation. */
  readonly users: readonly string[];
  readonly conffiles: readonly string[];
  readonly files: readonly PackageFile[];
  /** Folders of which each file is in the package, and where they go: LuCI's layout. */
  readonly folders: readonly { readonly folder: string; readonly at: string }[];
  readonly scripts: PackageScripts;
  /** The package whose pages it translates and whose folder it is made from; LuCI's rules make it of that one's `po`. */
  readonly translates?: string;
}

const lib = '/usr/lib/postern';
const own = (path: string, file: string, mode = 0o644): PackageFile => ({
  path,
  mode,
  from: { file: `files/${file}` },
});
const built = (name: string): PackageFile => ({ path: `${lib}/${name}`, mode: 0o644, from: { dist: name } });

/** The daemon. */
export const postern: PackageDescription = {
  name: 'postern',
  title: 'Guards the mail that leaves a home: finds the device that sends spam and stops its mail',
  section: 'net',
  license: 'Apache-2.0',
  maintainer: 'The Postern authors',
  // rpcd answers `ubus call uci get`.
  depends: ['nftables-json', 'conntrack', 'kmod-nf-conntrack-netlink', 'firewall4', 'rpcd', 'ca-bundle'],
  // OpenWrt 25.12 has no Node to depend on: there the service looks for one, and says so where there is none.
  dependsOpkg: ['node'],
  users: ['postern:postern', 'postern-hooks:postern-hooks'],
  conffiles: ['/etc/config/postern'],
  files: [
    own('/etc/capabilities/postern-hooks.json', 'postern-hooks.capabilities.json'),
    own('/etc/capabilities/postern.json', 'postern.capabilities.json'),
    own('/etc/config/postern', 'postern.config', 0o600),
    own('/etc/init.d/postern', 'postern.init', 0o755),
    own('/etc/uci-defaults/50-postern', 'postern.defaults', 0o755),
    own('/lib/upgrade/keep.d/postern', 'postern.keep'),
    own('/usr/bin/postern', 'postern.sh', 0o755),
    built('THIRD-PARTY-LICENSES.txt'),
    own(`${lib}/functions.sh`, 'functions.sh'),
    built('postern-blocklists.cjs'),
    built('postern-cli.cjs'),
    built('postern-data.bin'),
    built('postern-doors.cjs'),
    built('postern-history.cjs'),
    built('postern-hooks.cjs'),
    built('postern-mqtt.cjs'),
    built('postern-names.cjs'),
    built('postern-notice.cjs'),
    built('postern-replay.cjs'),
    built('postern.cjs'),
    own('/usr/share/postern/firewall.include', 'firewall.include', 0o755),
    { path: '/usr/share/postern/guard.nft', mode: 0o644, from: { made: 'guard.nft' } },
  ],
  folders: [],
  scripts: { prerm: 'files/prerm-pkg' },
};

/** The pages in LuCI. */
export const luciApp: PackageDescription = {
  name: 'luci-app-postern',
  title: 'LuCI pages of Postern: what it sees, what it holds, and its settings',
  section: 'luci',
  license: 'Apache-2.0',
  maintainer: 'The Postern authors',
  depends: ['postern', 'luci-base', 'rpcd-mod-ucode', 'ucode-mod-socket'],
  dependsOpkg: [],
  users: [],
  conffiles: [],
  files: [],
  folders: [
    { folder: 'htdocs', at: '/www' },
    { folder: 'root', at: '' },
  ],
  scripts: { postinst: 'reload', postrm: 'reload' },
};

/** Languages of the pages, by the names of folders in `po`: LuCI's code of each, and its name in LuCI's own list. */
export const languages: Readonly<Record<string, readonly [code: string, name: string]>> = {
  de: ['de', 'Deutsch (German)'],
  es: ['es', 'Español (Spanish)'],
  zh_Hans: ['zh-cn', '简体中文 (Simplified Chinese)'],
};

/** The pages in each language, as LuCI's rules (luci.mk, LuciTranslation) name and fill such packages. */
export const translations: readonly PackageDescription[] = Object.entries(languages).map(
  ([folder, [code, language]]) => {
    const name = `luci-i18n-postern-${code}`;
    const offered = `uci set luci.languages.${code.replaceAll('-', '_')}='${language}'; uci commit luci\n`;
    return {
      name,
      title: `Translation for ${luciApp.name} - ${language}`,
      section: 'luci',
      license: luciApp.license,
      maintainer: luciApp.maintainer,
      depends: [luciApp.name],
      dependsOpkg: [],
      users: [],
      conffiles: [],
      files: [
        { path: `/etc/uci-defaults/${name}`, mode: 0o644, from: { text: offered } },
        {
          path: `/usr/lib/lua/luci/i18n/postern.${code}.lmo`,
          mode: 0o644,
          from: { made: `${folder}.lmo` },
        },
      ],
      folders: [],
      scripts: {},
      translates: luciApp.name,
    };
  },
);

/** Every package, in the order in which they are built. */
export const packages: readonly PackageDescription[] = [postern, luciApp, ...translations];

/** OpenWrt's release of a version of ours: both package managers take it. */
export function packageVersion(version: string): string {
  // apk knows no `-rc1`: `_rc1` is what it sorts before the release.
  return `${version.replace('-', '_')}-r1`;
}

/** Whether apk takes it as a version; opkg takes nearly anything. */
export function isPackageVersion(text: string): boolean {
  return /^\d+(?:\.\d+)*[a-z]?(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*-r\d+$/.test(text);
}
