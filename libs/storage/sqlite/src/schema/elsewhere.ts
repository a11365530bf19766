/** Devices that wait for approval, and sign-ins of other providers. `polled_at` is 0 before the first poll. */
export const elsewhereSchema = `
CREATE TABLE device_grant (
  code_hash TEXT PRIMARY KEY,
  user_code_hash TEXT NOT NULL UNIQUE,
  client TEXT NOT NULL,
  device_name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  asked_from TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  poll_interval_ms INTEGER NOT NULL,
  polled_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  user_id TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX device_grant_by_expiry ON device_grant (expires_at);
CREATE TABLE linked_sign_in (
  link_id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  subject TEXT NOT NULL,
  email TEXT NOT NULL,
  linked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX linked_sign_in_by_user ON linked_sign_in (user_id, linked_at);
`
