import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { api, type QuarantinedMessage } from '../api.ts';
import { bytesText, fromNs, timeText } from '../i18n/figures.ts';
import { useWords } from '../i18n/i18n.ts';
import { Failure } from '../shell/Failure.tsx';

/** Sixteen bytes a line, as text where they are text. */
function hexDump(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)).slice(0, 1024);
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.slice(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·')).join('');
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(47)}  ${text}`);
  }
  return lines.join('\n');
}

/** One quarantined message with its payload. */
export function MessageDialog({ id, close }: { id: string; close: () => void }) {
  const { t, language } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const message = useQuery({
    queryKey: ['quarantined', id],
    queryFn: () => api<QuarantinedMessage>(`/quarantine/${id}`),
  });
  const { data } = message;
  return (
    <dialog ref={dialog} onClose={close}>
      <Failure of={message} />
      {data && (
        <>
          <h2>
            {data.device} <code>{data.reasonCode}</code>
          </h2>
          <p>{data.reason}</p>
          <p className="muted">
            {data.topic} · {timeText(fromNs(data.receivedAt), language)}
          </p>
          <h3>{t('quarantine.payload', { size: bytesText(data.payloadBytes) })}</h3>
          <pre>{data.payloadText ?? hexDump(data.payloadBase64)}</pre>
          {data.payloadCut && <p className="muted">{t('quarantine.cut')}</p>}
        </>
      )}
      <form method="dialog">
        <button type="submit">{t('app.close')}</button>
      </form>
    </dialog>
  );
}
