/**
 * A transfer has one `transfer` row and, when it was posted, two `journal` rows: one for each account's side.
 * `refused_available` is set for an id that was refused: the coins the account had. `kind` indexes the adapter's list.
 * `order_coins` sums up the journal by order, as `account.posted` does by account; the audit compares them.
 */
export const ledgerSchema = `
CREATE TABLE account (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  posted INTEGER NOT NULL
) STRICT;
CREATE TABLE transfer (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind INTEGER NOT NULL,
  debit INTEGER NOT NULL,
  credit INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  order_id TEXT,
  at INTEGER NOT NULL,
  refused_available INTEGER
) STRICT;
CREATE TABLE journal (
  account INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (account, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE order_coins (
  order_id TEXT PRIMARY KEY,
  paid_in INTEGER NOT NULL,
  paid_out INTEGER NOT NULL,
  refunded INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`
