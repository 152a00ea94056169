export {
  type CommandSender,
  createDeviceCommands,
  type DeviceCommands,
} from './commands/index.ts';
export { hearReported } from './configuration/reported.ts';
export { createConfigurationSender } from './configuration/sender.ts';
export { DeviceDirectory } from './directory.ts';
export {
  DEVICE_KINDS,
  DEVICE_NAME,
  type DeviceIdentity,
  type DeviceKind,
  type PublishedDevice,
  usernameOf,
} from './identity.ts';
export type { DeviceLink, DeviceSaid, Heard, ToDevice } from './link.ts';
export { deviceMigrations } from './migrations.ts';
export { createObservations, type Observations } from './observations/observations.ts';
export { type DevicePresence, PresenceBoard } from './presence.ts';
export { createDeviceRegistry, type DeviceRegistry, type IssuedCredential, type NewDevice } from './registry.ts';
export type { DeviceRoutesDeps } from './routeDeps.ts';
export { deviceRoutes } from './routes.ts';
export { hashDeviceSecret, isEntitled, secretMatches } from './secret.ts';
export { DEVICE_HISTORY_DAYS, sweepDeviceHistory } from './sweep.ts';
export { type DeclaredRange, declaredRanges } from './types/declaredRanges.ts';
