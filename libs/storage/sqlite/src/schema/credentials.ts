/** `language`: in which a user is written to. `device`: what the browser said it is. A reset counts as `PasswordReset` says. */
export const credentialSchema = `
ALTER TABLE sign_in_user ADD COLUMN language TEXT;
ALTER TABLE sign_in_session ADD COLUMN device TEXT;
CREATE TABLE password_reset (
  token_hash TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  mark TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX password_reset_by_expiry ON password_reset (expires_at);
`
