import { defineErrors } from '../platform/index.ts';

export const notifyErrors = defineErrors({
  NOTIFICATION_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) => `No notification ${p.id} exists that you may see. List them to find the right id.`,
  },
  NOTIFICATION_NOT_DEAD: {
    status: 409,
    message: (p: { status: string }) =>
      `Only a dead or undeliverable notification can be sent again; this one is ${p.status}. Wait for its outcome.`,
  },
  TEMPLATE_UNKNOWN: {
    status: 404,
    message: (p: { template: string; known: readonly string[] }) =>
      `There is no message template ${p.template}. Use one of: ${p.known.join(', ')}.`,
  },
  TEMPLATE_PARAMS: {
    status: 400,
    message: (p: { template: string; problems: string }) =>
      `The parameters do not fit the template ${p.template}. Correct: ${p.problems}.`,
  },
  MESSAGE_LINK: {
    status: 400,
    message: () => 'A message links to a path of this server (/…) or to an http(s) address. Correct the link.',
  },
  CHANNEL_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) => `No notification channel ${p.id} exists. List the channels to find the right id.`,
  },
  CHANNEL_EXISTS: {
    status: 409,
    message: (p: { name: string }) => `A channel named ${p.name} exists already. Choose another name.`,
  },
  CHANNEL_DESTINATION: {
    status: 400,
    message: (p: { reason: string }) => `The channel cannot use this destination: ${p.reason}.`,
  },
});
