/** `run` is NULL until the test is over; `body` when it brought no page. */
export const testFetchSchema = `
CREATE TABLE test_fetch (
  id TEXT PRIMARY KEY,
  customer_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  json TEXT NOT NULL,
  run TEXT,
  zstd INTEGER NOT NULL DEFAULT 0,
  body BLOB
) STRICT;
CREATE INDEX test_fetch_of_customer ON test_fetch (customer_id, created_at);
CREATE INDEX test_fetch_by_age ON test_fetch (created_at);
`
