// A daemon's MQTT side alone, for tests that kill it: node FILE URL
import { createSession } from '../../daemon/mqtt/session.ts';
import { mqttBrokerPort } from '../../daemon/system/mqtt-client.ts';
import { systemTimers } from '../../daemon/system/timers.ts';
import { info, mqttConfig, statusDocument } from '../mqtt/documents.ts';

const session = createSession({
  config: { ...mqttConfig, url: process.argv[2] ?? '' },
  node: 'home',
  info,
  client: mqttBrokerPort,
  timers: systemTimers,
  random: 0,
  onCondition: () => {},
  onRequest: () => {},
});
session.status(statusDocument());
session.start();
