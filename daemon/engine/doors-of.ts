import type { FoundDoors } from '../doors/door.ts';
import type { DeviceRecord } from './device-record.ts';

/** The ways in that were found in the device's open incident; undefined where none is open, or nobody looked yet. */
export function doorsOf({ doors, incident }: DeviceRecord): FoundDoors | undefined {
  return doors && doors.incident === incident ? doors.found : undefined;
}
