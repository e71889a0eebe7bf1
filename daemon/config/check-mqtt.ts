import type * as v from 'valibot';
import { isLoopback, usesTls } from './broker-url.ts';
import type { MqttConfig } from './config.ts';
import { error, type Problem, warning } from './problem.ts';
import type { mqttSchema } from './schema.ts';

type Values = v.InferOutput<typeof mqttSchema>;

/** The MQTT part of the configuration from options that passed their schema one by one. */
export function mqttConfig(values: Values): MqttConfig {
  const { url = '', username, password, ca_file, cert_file, key_file, server_name } = values;
  const { enabled = url !== '', insecure, base, discovery, merge_devices, commands } = values;
  return {
    enabled,
    url,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca_file === undefined ? {} : { caFile: ca_file }),
    ...(cert_file === undefined ? {} : { certFile: cert_file }),
    ...(key_file === undefined ? {} : { keyFile: key_file }),
    ...(server_name === undefined ? {} : { serverName: server_name }),
    insecure,
    base,
    discovery,
    mergeDevices: merge_devices,
    commands,
  };
}

/** What is wrong with MQTT options that are each right by themselves. */
export function mqttProblems(path: string, mqtt: MqttConfig): Problem[] {
  const at = (option: string) => `${path}.${option}`;
  if (!mqtt.enabled) return [];
  if (mqtt.url === '') {
    return [
      error(
        at('url'),
        'is missing though MQTT is enabled',
        'Write the address as mqtt://host, or disable MQTT.',
      ),
    ];
  }
  const problems: Problem[] = [];
  const tls = usesTls(mqtt.url);
  if (mqtt.password !== undefined && mqtt.username === undefined) {
    problems.push(
      error(at('username'), 'is missing though there is a password', 'Give the login of the password.'),
    );
  }
  if ((mqtt.certFile === undefined) !== (mqtt.keyFile === undefined)) {
    const missing = mqtt.certFile === undefined ? 'cert_file' : 'key_file';
    problems.push(error(at(missing), 'is missing', 'Give cert_file and key_file together, or neither.'));
  }
  const tlsFiles = [mqtt.caFile, mqtt.certFile, mqtt.serverName].some((value) => value !== undefined);
  if (!tls && tlsFiles) {
    const message = 'does not encrypt, so the certificate options have no effect';
    problems.push(warning(at('url'), message, 'Write mqtts:// for a connection with TLS.'));
  }
  if (tls && mqtt.insecure) {
    const message = "the broker's certificate is not checked: anybody on the way can read and forge messages";
    problems.push(warning(at('insecure'), message, 'Give ca_file, and remove insecure.'));
  }
  const trusted = mqtt.password !== undefined && ((tls && !mqtt.insecure) || isLoopback(mqtt.url));
  if (mqtt.commands === 'all' && !trusted) {
    const message = 'all commands need a password, and a checked TLS connection or a broker on this router';
    problems.push(
      error(at('commands'), message, 'Choose safe or off, or give a password and an mqtts:// address.'),
    );
  }
  return problems;
}
