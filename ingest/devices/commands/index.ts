export { createDeviceCommands, type DeviceCommands, type DeviceCommandsDeps } from './commands.ts';
export type { CommandSender } from './sender.ts';
