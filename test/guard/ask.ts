import { join } from 'node:path';
import type { Request, Verb } from '../../daemon/control/request.ts';
import type { DeviceDocument, IncidentDocument, StatusDocument } from '../../daemon/engine/documents.ts';
import { askControl } from '../../daemon/system/control-client.ts';
import type { Guard } from './guard.ts';

/** What the verbs answer that the tests ask. */
interface Answers {
  status: StatusDocument;
  device: DeviceDocument & { readonly why: readonly string[] };
  devices: { readonly devices: readonly DeviceDocument[] };
  incidents: { readonly incidents: readonly IncidentDocument[] };
  incident: IncidentDocument;
  history: Readonly<Record<'connections' | 'suspicious' | 'refused', readonly number[]>>;
  block: DeviceDocument;
  restrict: DeviceDocument;
  quarantine: DeviceDocument;
  slow: DeviceDocument;
  release: DeviceDocument;
  test: {
    readonly event: string;
    readonly mqtt: 'off' | 'delivered' | 'waiting';
    readonly mqtt_trouble?: string;
    readonly followers: number;
  };
}

/** Asks over the control socket, without a process between, so that the time it takes is the daemon's. */
export async function ask<V extends keyof Answers & Verb>(
  { dir }: Pick<Guard, 'dir'>,
  verb: V,
  args: Request['args'] = {},
  patienceMs = 5000,
): Promise<Answers[V]> {
  const asked = await askControl(join(dir, 'run', 'postern.sock'), { id: 1, do: verb, args }, patienceMs);
  if (asked.kind !== 'answer') throw new Error(`${verb}: ${asked.detail}`);
  if (!asked.answer.ok) throw new Error(`${verb}: ${asked.answer.error.message}`);
  return asked.answer.data as Answers[V];
}
