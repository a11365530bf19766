/**
 * `state` and `step` index the adapter's lists. `details` and `forfeits` are JSON. `audit_entry` is only ever added to.
 */
export const operatorSchema = `
CREATE TABLE account_standing (
  user_id TEXT PRIMARY KEY,
  admin INTEGER NOT NULL,
  state INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE audit_entry (
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor_id TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  reason TEXT NOT NULL,
  request_id TEXT NOT NULL,
  details TEXT NOT NULL,
  PRIMARY KEY (at, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE deny_rule (
  pattern TEXT PRIMARY KEY,
  reason TEXT NOT NULL,
  by_user TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE account_deletion (
  user_id TEXT PRIMARY KEY,
  requested_at INTEGER NOT NULL,
  step INTEGER NOT NULL,
  forfeits TEXT NOT NULL,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX account_deletion_open ON account_deletion (user_id) WHERE step < 5;
`
