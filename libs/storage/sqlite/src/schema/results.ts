/**
 * `run.seq` is the order of arrival over all customers and never used twice, so it is the inbox cursor as well.
 * A run that retention has taken leaves nothing, unless an earlier repetition of its order is still without a run: then
 * its row stays with `json` and `customer` NULL, so that the repetition is not taken for a missing one.
 * Every repetition below `result_order.low_water` has had its run. `body.refs` counts the runs
 * with `has_body` that name it, so that it goes with the last of them.
 */
export const resultSchema = `
CREATE TABLE customer (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE result_order (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  customer INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  low_water INTEGER NOT NULL
) STRICT;
CREATE TABLE run (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  order_no INTEGER NOT NULL,
  rep INTEGER NOT NULL,
  customer INTEGER,
  stored_at INTEGER NOT NULL,
  has_body INTEGER NOT NULL,
  json TEXT
) STRICT;
CREATE UNIQUE INDEX run_of_order ON run (order_no, rep);
CREATE INDEX run_inbox ON run (customer, seq, order_no, stored_at) WHERE customer IS NOT NULL;
CREATE INDEX run_kept ON run (stored_at) WHERE json IS NOT NULL;
CREATE TABLE body (
  customer INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  zstd INTEGER NOT NULL,
  bytes_no INTEGER NOT NULL,
  refs INTEGER NOT NULL,
  PRIMARY KEY (customer, sha256)
) STRICT, WITHOUT ROWID;
CREATE TABLE body_bytes (
  no INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;
`
