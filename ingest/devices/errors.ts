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
  DEVICE_TYPE_UNKNOWN: {
    status: 404,
    message: (p: { type: string }) => `There is no device type ${p.type} in this tenant; declare it first.`,
  },
  DEVICE_TYPE_NAMED: {
    status: 422,
    message: (p: { type: string }) =>
      `There is no device type ${p.type} in this tenant; declare it before its devices.`,
  },
  DEVICE_TYPE_MAPPING: {
    status: 422,
    message: (p: { mappingVersionId: string }) =>
      `There is no version ${p.mappingVersionId} of a payload mapping in this tenant; save the mapping first and name one of its versions.`,
  },
  DEVICE_TYPE_EXISTS: {
    status: 409,
    message: (p: { key: string }) => `There is a device type ${p.key} already; choose another key, or change that one.`,
  },
  DEVICE_TYPE_CHANGED: {
    status: 409,
    message: (p: { key: string; version: number }) =>
      `Somebody has changed ${p.key} meanwhile (it is at version ${p.version}); read it again and repeat your change.`,
  },
  DEVICE_TYPE_USED: {
    status: 409,
    message: (p: { key: string; devices: number }) =>
      `${p.devices} devices are of type ${p.key}; give them another type first.`,
  },
  CONFIGURATION_SIZE: {
    status: 422,
    message: (p: { bytes: number; limit: number }) =>
      `The configuration would have ${p.bytes} bytes; at most ${p.limit} are allowed.`,
  },
  CLAIM_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) => `There is no claim code with the id ${p.id} in this tenant.`,
  },
  CLAIM_REFUSED: {
    status: 422,
    message: () => 'This claim code is unknown, expired, revoked or used up; ask for a new one.',
  },
  DEVICE_GATEWAY: {
    status: 422,
    message: (p: { gateway: string }) =>
      `${p.gateway} is no gateway of this tenant; register it with kind "gateway" before its devices.`,
  },
});
