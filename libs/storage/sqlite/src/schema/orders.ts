/** `placement`: 0 placing, 1 placed, 2 rejected. `json` is the `Order`. */
export const orderSchema = `
CREATE TABLE placed_order (
  id TEXT PRIMARY KEY,
  customer_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  placement INTEGER NOT NULL,
  json TEXT NOT NULL
) STRICT;
CREATE INDEX placed_order_of_customer ON placed_order (customer_id, created_at, id) WHERE placement < 2;
CREATE INDEX placed_order_unplaced ON placed_order (created_at, id) WHERE placement = 0;
`
