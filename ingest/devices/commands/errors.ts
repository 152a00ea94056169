import { defineErrors } from '../../../platform/index.ts';
import type { CommandState } from './command.ts';

export const commandErrors = defineErrors({
  COMMAND_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) => `There is no device command ${p.id} in this tenant.`,
  },
  COMMAND_STATE: {
    status: 409,
    message: (p: { state: CommandState; wanted: string }) =>
      `The command is ${p.state} and cannot be ${p.wanted} any more; propose a new one if it is still wanted.`,
  },
  COMMAND_OWN: {
    status: 403,
    message: () => 'You proposed this command; its kind needs the confirmation of another person.',
  },
  COMMAND_TOO_MANY: {
    status: 409,
    message: (p: { device: string; limit: number }) =>
      `${p.device} has ${p.limit} open commands; cancel some, or wait until they are answered or expire.`,
  },
  COMMAND_SIZE: {
    status: 422,
    message: (p: { bytes: number; limit: number }) =>
      `The body has ${p.bytes} bytes; at most ${p.limit} are allowed: send a reference to what is larger.`,
  },
});
