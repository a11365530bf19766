/**
 * `notification_doc.key`: `wishes`, `balance`, or `channel:` with an endpoint's id or `mail`; `part` is the user's.
 * `notification_delivery` is the log of each channel, `notification_note` what its channels have not all taken yet.
 */
export const notificationSchema = `
CREATE TABLE notification_doc (
  user_id TEXT NOT NULL,
  key TEXT NOT NULL,
  part INTEGER NOT NULL,
  version INTEGER NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX notification_wishes ON notification_doc (part, user_id) WHERE key = 'wishes';
CREATE TABLE notification_delivery (
  user_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  at INTEGER NOT NULL,
  event_id TEXT NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (user_id, channel, at, event_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE notification_note (
  user_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  note_id TEXT NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (user_id, at, note_id)
) STRICT, WITHOUT ROWID;
`
