import { z } from 'zod';
import type { App } from '../../platform/index.ts';
import { MESSAGE_LOCALES } from '../message.ts';
import { TEMPLATE_FIELDS, TEMPLATE_KINDS } from '../templates/fields.ts';
import { absoluteLink, checkParams, type RenderOptions, render } from '../templates/render.ts';

/** The words of messages, to look at before anybody is told. */
export function templateRoutes(deps: { words: () => RenderOptions }): (app: App) => void {
  const tags = ['notifications'];
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/notification-templates',
      config: { permission: 'notifications:write' },
      schema: {
        tags,
        summary: 'List the message templates and their parameters',
        response: {
          200: z.object({
            items: z.array(z.object({ template: z.string(), params: z.array(z.string()) })),
            nextCursor: z.null(),
          }),
        },
      },
      handler: async () => ({
        items: TEMPLATE_KINDS.map((template) => ({ template, params: Object.keys(TEMPLATE_FIELDS[template].shape) })),
        nextCursor: null,
      }),
    });

    app.route({
      method: 'POST',
      url: '/api/v1/notification-templates/:template/preview',
      config: { permission: 'notifications:write' },
      schema: {
        tags,
        summary: 'See a message as it would be sent',
        params: z.object({ template: z.string().max(100) }),
        body: z.object({
          recipientName: z.string().min(1).max(200).default('Ada'),
          locale: z.enum(MESSAGE_LOCALES).default('en'),
          params: z.record(z.string(), z.unknown()),
          link: z.string().max(2000).optional(),
        }),
        response: { 200: z.object({ subject: z.string(), text: z.string(), html: z.string() }) },
      },
      handler: async ({ params: { template }, body }) => {
        const words = deps.words();
        const recipient = { name: body.recipientName, locale: body.locale };
        const link = body.link === undefined ? null : absoluteLink(body.link, words.publicUrl);
        const { subject, text, html } = render({ ...checkParams(template, body.params), recipient, link }, words);
        return { subject, text, html };
      },
    });
  };
}
