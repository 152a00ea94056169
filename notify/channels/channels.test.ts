import { createEgress, systemClock } from '../../platform/index.ts';
import { channelContract } from '../../test/contracts/channel.ts';
import { smtpAnswer, startMailServer } from '../../test/fixtures/mailServer.ts';
import { startReceiver } from '../../test/fixtures/receiver.ts';
import { createSmtpChannel } from './smtp.ts';
import { createWebhookChannel } from './webhook.ts';

async function smtpBench(guarded: boolean) {
  const server = await startMailServer();
  const channel = createSmtpChannel(
    { host: '127.0.0.1', port: server.port, tls: 'opportunistic', from: 'Faultline <faultline@plant.example>' },
    { egress: guarded ? createEgress(['127.0.0.1']) : undefined },
  );
  return {
    channel,
    arrived: () =>
      server.mails.map((mail) => ({
        id: mail.headers.get('x-faultline-notification') ?? '',
        subject: mail.headers.get('subject') ?? '',
      })),
    behave: (how: 'refuse' | 'busy' | 'hang') => {
      server.onMail =
        how === 'hang'
          ? () => new Promise<void>(() => undefined)
          : () => Promise.reject(how === 'refuse' ? smtpAnswer(554, 'no thanks') : smtpAnswer(451, 'later'));
    },
    stop: async () => {
      await channel.close();
      await server.stop();
    },
  };
}

channelContract('SMTP', () => smtpBench(false));
channelContract('SMTP to a guarded destination', () => smtpBench(true));

channelContract('a webhook', async () => {
  const receiver = await startReceiver();
  const accepted = new Set<string>();
  receiver.answer = ({ headers }, response) => {
    accepted.add(String(headers['faultline-delivery']));
    response.writeHead(200).end('thanks');
  };
  const channel = createWebhookChannel(
    { url: `http://127.0.0.1:${receiver.port}/hook` },
    { clock: systemClock(), egress: createEgress(['127.0.0.0/8']), secret: 'a shared secret' },
  );
  return {
    channel,
    arrived: () =>
      receiver.requests
        .map((request) => JSON.parse(request.body) as { id: string; subject: string })
        .filter(({ id }) => accepted.has(id))
        .map(({ id, subject }) => ({ id, subject })),
    behave: (how: 'refuse' | 'busy' | 'hang') => {
      receiver.answer = (_request, response) => {
        if (how !== 'hang') response.writeHead(how === 'refuse' ? 410 : 503).end();
      };
    },
    stop: async () => {
      await receiver.stop();
      await channel.close();
    },
  };
});
