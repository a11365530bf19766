/** `label` is the `OrderLabel` of an order that was renamed; `json` the `SpendLimits`. */
export const orderLabelSchema = `
ALTER TABLE placed_order ADD COLUMN label TEXT;
CREATE TABLE spend_limits (
  customer_id TEXT PRIMARY KEY,
  json TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`
