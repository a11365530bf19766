/** What each kind of transfer brought a user's account and took from it on each day since 1970 (UTC): the journal, summed up. */
export const accountDaySchema = `
CREATE TABLE account_day (
  account INTEGER NOT NULL,
  day INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  coins_in INTEGER NOT NULL,
  coins_out INTEGER NOT NULL,
  PRIMARY KEY (account, day, kind)
) STRICT, WITHOUT ROWID;
INSERT INTO account_day (account, day, kind, coins_in, coins_out)
SELECT j.account, t.at / 86400000, t.kind, sum(max(j.amount, 0)), sum(max(-j.amount, 0))
FROM journal j JOIN transfer t ON t.seq = j.seq JOIN account a ON a.no = j.account
WHERE a.id LIKE 'user:%'
GROUP BY 1, 2, 3;
`
