/** `leaderboard.folded` is what must be unique. `earned`: what was paid to miners by day (since the epoch). */
export const peopleSchema = `
CREATE TABLE leaderboard (
  user_id TEXT PRIMARY KEY,
  nickname TEXT NOT NULL,
  folded TEXT NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;
CREATE TABLE earned (
  user_id TEXT NOT NULL,
  day INTEGER NOT NULL,
  pages INTEGER NOT NULL,
  coins INTEGER NOT NULL,
  PRIMARY KEY (user_id, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE earned_by_all (
  day INTEGER PRIMARY KEY,
  pages INTEGER NOT NULL,
  coins INTEGER NOT NULL
) STRICT;
`
