-- The whole schema, as a new database gets it. Changing it: add a migration (migrations.py), then
-- change this file so that both ways lead to the same tables; a test compares them.
-- Times are UTC text of fixed width ("2026-11-22T09:30:00.000000Z"), so that text order is time
-- order; local_... columns are wall time ("2026-11-22T09:30:00") in the zone the person is in, with a
-- final B on the second pass of an hour that the clocks repeat.

CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, at TEXT NOT NULL) STRICT;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;   -- the seed
CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;  -- what the daemon last recorded

CREATE TABLE delivery (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  device TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('slot', 'now', 'first', 'again')),
  slot_date TEXT, slot_number INTEGER,
  parent TEXT REFERENCES delivery (id),  -- the delivery that was answered with "later"
  showing INTEGER NOT NULL DEFAULT 1,
  local_at TEXT NOT NULL, local_until TEXT NOT NULL, zone TEXT NOT NULL,
  planned_at TEXT NOT NULL,
  prompt TEXT, tip TEXT, variant TEXT,
  text TEXT,                        -- JSON: what was shown, true even after the deck is edited
  why TEXT,                         -- JSON: why this moment, why this prompt
  held_at TEXT, held_reason TEXT,
  claimed_at TEXT,
  claim_order INTEGER UNIQUE,       -- counts claims: "newest" must not depend on clocks or planning
  shown_at TEXT, shown_date TEXT,   -- the date stands from the claim on: it may have been seen
  ended_at TEXT,
  outcome TEXT CHECK (outcome IN ('shown', 'missed', 'failed')),
  reason TEXT,
  CHECK ((kind = 'slot') = (slot_date IS NOT NULL)),
  CHECK ((kind = 'again') = (parent IS NOT NULL)),
  UNIQUE (device, slot_date, slot_number)
) STRICT;
CREATE UNIQUE INDEX delivery_one_again ON delivery (parent) WHERE kind = 'again';
CREATE UNIQUE INDEX delivery_one_first ON delivery (device) WHERE kind = 'first';
CREATE INDEX delivery_waiting ON delivery (local_at) WHERE outcome IS NULL;
CREATE INDEX delivery_shown_date ON delivery (shown_date) WHERE shown_date IS NOT NULL;
CREATE INDEX delivery_prompt ON delivery (prompt, claim_order) WHERE claim_order IS NOT NULL;
CREATE INDEX delivery_history ON delivery (coalesce(claimed_at, ended_at)) WHERE outcome IS NOT NULL;

CREATE TABLE response (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  device TEXT NOT NULL,
  at TEXT NOT NULL, zone TEXT NOT NULL,
  delivery TEXT REFERENCES delivery (id),  -- NULL: a practice that happened by itself
  prompt TEXT,
  answer TEXT NOT NULL
    CHECK (answer IN ('done', 'taken', 'hard', 'later', 'not-today', 'not-for-me')),
  snooze_seconds INTEGER,           -- "later --for"; NULL: as long as the settings say
  note TEXT,
  source TEXT NOT NULL
) STRICT;
CREATE INDEX response_delivery ON response (delivery, at, id);
CREATE INDEX response_prompt ON response (prompt, at, id);

CREATE TABLE choice (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  device TEXT NOT NULL,
  at TEXT NOT NULL,
  prompt TEXT NOT NULL,
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1))
) STRICT;
CREATE INDEX choice_prompt ON choice (prompt, at, id);

CREATE TABLE pause (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  device TEXT NOT NULL,
  at TEXT NOT NULL,
  until_utc TEXT, until_local TEXT,
  CHECK ((until_utc IS NULL) <> (until_local IS NULL))
) STRICT;

CREATE TABLE posted (               -- this machine only: what stands on the notification server
  delivery TEXT PRIMARY KEY REFERENCES delivery (id),
  owner TEXT NOT NULL, server_id INTEGER NOT NULL,
  reposted_at TEXT, closed_at TEXT
) STRICT;
CREATE INDEX posted_standing ON posted (delivery) WHERE closed_at IS NULL;

CREATE TABLE hold (                 -- each reason that held a delivery back, from when on
  delivery TEXT NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
  at TEXT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (delivery, at)
) STRICT, WITHOUT ROWID;

-- Two caches, by prompt: of the deliveries that were claimed, and of the fold over the responses.
CREATE TABLE seen (
  prompt TEXT PRIMARY KEY,
  tip TEXT NOT NULL, first_at TEXT NOT NULL, at TEXT NOT NULL, claim_order INTEGER NOT NULL
) STRICT;
CREATE TABLE review (
  prompt TEXT PRIMARY KEY,
  stability REAL, difficulty REAL, due_at TEXT, last_at TEXT,
  hards INTEGER NOT NULL, put_off_at TEXT
) STRICT;
