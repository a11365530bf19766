/** `changed` is the bucket's `changes` when the entry last changed for its owner. `json` is the `ScheduleEntry`. */
export const scheduleSchema = `
CREATE TABLE bucket (
  bucket INTEGER PRIMARY KEY,
  epoch INTEGER NOT NULL,
  owner TEXT,
  watermark INTEGER NOT NULL,
  changes INTEGER NOT NULL
) STRICT;
CREATE TABLE schedule_entry (
  bucket INTEGER NOT NULL,
  order_id TEXT NOT NULL,
  changed INTEGER NOT NULL,
  closed INTEGER NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (bucket, order_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX schedule_entry_open ON schedule_entry (bucket) WHERE closed = 0;
CREATE INDEX schedule_entry_changed ON schedule_entry (bucket, changed);
`
