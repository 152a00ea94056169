import nodemailer from 'nodemailer';
import { afterEach, describe, expect, it } from 'vitest';
import { type Mailbox, startMailbox } from '../../simulators/mailbox.ts';

let mailbox: Mailbox | undefined;
afterEach(async () => {
  await mailbox?.stop();
});

describe('the mailbox', () => {
  it('keeps what a mail program sends: Chinese subject, long text, several recipients', async () => {
    mailbox = await startMailbox();
    const heard: string[] = [];
    mailbox.onMail(({ subject }) => heard.push(subject));
    const subject = '一号纸机生产受影响：气罩排风机 PM-F201 驱动端轴承外圈故障，请查看工单并确认停机窗口';
    const text = `您负责的服务可能停止。\n${'长行'.repeat(120)}\nBest regards`;
    await nodemailer.createTransport(mailbox.url).sendMail({
      from: 'Faultline <faultline@plant.example>',
      to: ['chen.jianguo@plant.example', 'emma.lindqvist@plant.example'],
      subject,
      text,
      html: `<p>${text}</p>`,
    });
    expect(mailbox.mails).toHaveLength(1);
    expect(mailbox.mails[0]).toMatchObject({
      from: 'faultline@plant.example',
      to: ['chen.jianguo@plant.example', 'emma.lindqvist@plant.example'],
      subject,
    });
    expect(mailbox.mails[0]!.text.replaceAll('\r\n', '\n').trim()).toBe(text);
    expect(heard).toEqual([subject]);
  });

  it('refuses what is too large, and the sender hears of it', async () => {
    mailbox = await startMailbox();
    const sending = nodemailer.createTransport(mailbox.url).sendMail({
      from: 'a@plant.example',
      to: 'b@plant.example',
      subject: 'large',
      text: 'x'.repeat(6 * 1024 * 1024),
    });
    await expect(sending).rejects.toThrow();
    expect(mailbox.mails).toHaveLength(0);
  });
});
