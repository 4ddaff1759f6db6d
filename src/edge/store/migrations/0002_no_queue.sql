-- The queue goes: what is to be done is what the inbox and the runs say. What was queued, asked or under way stays so.

-- How often it was taken up since it got further; a delivery gets no further before it is worked off.
ALTER TABLE deliveries ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;

-- Raised by whoever takes a run up: who comes with an older number writes nothing more.
ALTER TABLE runs ADD COLUMN fence BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;
-- The number of the newest event when it was taken up last.
ALTER TABLE runs ADD COLUMN tried_seq BIGINT NOT NULL DEFAULT 0;
-- What went wrong last; for an operator.
ALTER TABLE runs ADD COLUMN fault TEXT;
-- Why it is to stop, as JSON.
ALTER TABLE runs ADD COLUMN cancel TEXT;
-- 1 when nothing is left to do, after its end too.
ALTER TABLE runs ADD COLUMN done BIGINT NOT NULL DEFAULT 0;
-- The number of the newest event that people were told of.
ALTER TABLE runs ADD COLUMN told_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN tell_tries BIGINT NOT NULL DEFAULT 0;

UPDATE deliveries SET state = 'failed' WHERE state = 'received' AND NOT EXISTS
    (SELECT 1 FROM jobs WHERE jobs.kind = 'delivery' AND jobs.ckey = 'delivery:' || deliveries.id
        AND jobs.state IN ('queued', 'running'));
UPDATE runs SET cancel =
    (SELECT MAX(jobs.cancel) FROM jobs WHERE jobs.kind = 'run' AND jobs.dedupe = runs.id AND jobs.cancel IS NOT NULL);
UPDATE runs SET fault =
    (SELECT MAX(jobs.error) FROM jobs WHERE jobs.kind = 'run' AND jobs.dedupe = runs.id AND jobs.state = 'failed')
    WHERE ended_ms IS NULL;
UPDATE runs SET done = 1 WHERE ended_ms IS NOT NULL AND NOT EXISTS
    (SELECT 1 FROM jobs WHERE jobs.kind = 'run' AND jobs.dedupe = runs.id AND jobs.state IN ('queued', 'running'));
UPDATE runs SET told_seq = latest_seq WHERE NOT EXISTS
    (SELECT 1 FROM jobs WHERE jobs.kind = 'report' AND jobs.dedupe = 'report:' || runs.id
        AND jobs.state IN ('queued', 'running'));

CREATE INDEX runs_left ON runs (place) WHERE done = 0 OR told_seq < latest_seq;
CREATE INDEX deliveries_left ON deliveries (received_ms) WHERE state = 'received';

DROP TABLE jobs;
