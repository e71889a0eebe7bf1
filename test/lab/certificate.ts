import { join } from 'node:path';
import { names } from './addresses.ts';
import type { Holder } from './holder.ts';
import { bareAddress, networks } from './home.ts';
import { mustRun } from './run.ts';

/** A self-signed certificate of the lab, valid for its mail names, the router's addresses and localhost. */
export interface Certificate {
  readonly keyFile: string;
  readonly certFile: string;
}

/** Makes the lab's certificate in the lab's folder. */
export async function makeCertificate(holder: Holder): Promise<Certificate> {
  const keyFile = join(holder.dir, 'key.pem');
  const certFile = join(holder.dir, 'cert.pem');
  const dns = ['sink.example', 'localhost', ...Object.values(names).map(({ name }) => name)];
  const ips = ['127.0.0.1', ...networks.map((network) => bareAddress(network.ip4))];
  await mustRun(holder, undefined, [
    ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '20000', '-subj', '/CN=sink.example', '-keyout', keyFile, '-out', certFile],
    ...[
      '-addext',
      `subjectAltName=${[...dns.map((d) => `DNS:${d}`), ...ips.map((ip) => `IP:${ip}`)].join(',')}`,
    ],
  ]);
  return { keyFile, certFile };
}
