import { describeOptions, type OptionDescription } from '../../daemon/config/describe-options.ts';

const intro = `# Configuration

<!-- Made by \`node build.mjs --docs\` from daemon/config/schema.ts: change it there. -->

On the router everything is in \`/etc/config/postern\` (UCI), which the settings page in LuCI writes. Elsewhere, and for
trying things out, \`postern run --config FILE\` takes the same options as plain JSON:

\`\`\`json
{
  "main": { "mode": "observe" },
  "mqtt": { "url": "mqtt://192.168.1.10", "username": "postern", "password": "secret" },
  "networks": [{ "name": "iot", "class": "iot" }],
  "devices": [{ "mac": "ec:71:db:00:11:22", "name": "Front door camera", "relay": ["smtp.gmail.com:587"] }],
  "run_dir": "/var/run/postern"
}
\`\`\`

\`postern check\` names everything that is wrong at once, each with its option and a remedy. Wrong values refuse the start
(exit code 78); on a reload the old configuration stays in force and the status says so. Options that do not exist are
only a warning.`;

const titles: Readonly<Record<string, string>> = {
  main: "## `config postern 'main'` (JSON: `main`)",
  mqtt: "## `config mqtt 'mqtt'` (JSON: `mqtt`)",
  network:
    '## `config network`, any number (JSON: list `networks`)\n\nOnly for networks that are to be treated otherwise than they are found. Found are all that are up: those with a\ndefault route, or by whose protocol the router is a client (PPPoE, DHCP and the like), lead outwards, and are upstream. So\nis what the firewall has in a zone with input REJECT or DROP that masquerades, or that has one of those in it: the\naddress of a modem, a second line, the client of a VPN. The others are guarded.',
  device: '## `config device`, any number (JSON: list `devices`)',
  system:
    '## Beside the options\n\nThe init script adds these next to `uci`; in plain JSON they stand at the top, along with `static_names`\n(`[{ "mac", "name" }]`) and `interfaces` (the answer of `ubus call network.interface dump`).',
};

/** The text of docs/configuration.md. */
export function configurationPage(): string {
  const options = describeOptions();
  const sections = Object.entries(titles).map(([section, title]) => {
    const rows = options.filter((option) => option.section === section).map(row);
    return [title, '', '| option | what | value | default |', '|---|---|---|---|', ...rows].join('\n');
  });
  return `${[intro, ...sections].join('\n\n')}\n`;
}

function row({ option, help, type, default: fallback, explained }: OptionDescription): string {
  const cells = [`\`${option}\``, help, type, explained || fallback === '' ? fallback : `\`${fallback}\``];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
