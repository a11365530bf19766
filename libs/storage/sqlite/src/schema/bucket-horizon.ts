/**
 * Up to where a bucket's owners may have emitted. Of a bucket from before, nobody says, so it counts as up to its watermark:
 * its owner must have ended before this step.
 */
export const bucketHorizonSchema = `
ALTER TABLE bucket ADD COLUMN horizon INTEGER NOT NULL DEFAULT 0;
UPDATE bucket SET horizon = watermark;
`
