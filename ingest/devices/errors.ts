import { defineErrors } from '../../platform/index.ts';

export const deviceErrors = defineErrors({
  DEVICE_UNKNOWN: {
    status: 404,
    message: (p: { device: string }) => `There is no device ${p.device} in this tenant; register it first.`,
  },
  DEVICE_EXISTS: {
    status: 409,
    message: (p: { names: string }) => `Already registered: ${p.names}. Choose other names, or rotate their secrets.`,
  },
  DEVICE_GATEWAY: {
    status: 422,
    message: (p: { gateway: string }) =>
      `${p.gateway} is no gateway of this tenant; register it with kind "gateway" before its devices.`,
  },
});
