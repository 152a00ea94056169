export { NotificationRequested } from './events.ts';
export type { MessageRequest, Recipient, Status } from './message.ts';
export { notifyMigrations } from './migrations.ts';
export type { Notifier } from './notifier.ts';
export { createNotify, type Notify, type NotifyDeps, type NotifySettings } from './notify.ts';
export type { TemplateKind } from './templates/fields.ts';
