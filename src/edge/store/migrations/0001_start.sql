-- One text for SQLite and PostgreSQL: times are milliseconds since the epoch, JSON is text, flags are numbers.

CREATE TABLE IF NOT EXISTS deliveries (
    id          TEXT   NOT NULL PRIMARY KEY,
    event       TEXT   NOT NULL,
    body        TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    note        TEXT   NOT NULL,
    received_ms BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS jobs (
    id          BIGINT NOT NULL PRIMARY KEY,
    kind        TEXT   NOT NULL,
    ckey        TEXT,
    dedupe      TEXT,
    payload     TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    priority    BIGINT NOT NULL,
    run_at      BIGINT NOT NULL,
    attempt     BIGINT NOT NULL,
    fence       BIGINT NOT NULL,
    worker      TEXT,
    lease_until BIGINT NOT NULL,
    cancel      TEXT,
    error       TEXT,
    told        BIGINT NOT NULL,
    created_ms  BIGINT NOT NULL
);
-- What is unique, the database keeps unique: one queued job per dedupe key, one running job per key.
CREATE UNIQUE INDEX IF NOT EXISTS jobs_queued_once ON jobs (dedupe) WHERE state = 'queued';
CREATE UNIQUE INDEX IF NOT EXISTS jobs_running_once ON jobs (ckey) WHERE state = 'running';
CREATE INDEX IF NOT EXISTS jobs_next ON jobs (state, priority, run_at);

CREATE TABLE IF NOT EXISTS places (
    place      TEXT   NOT NULL PRIMARY KEY,
    touched_ms BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS runs (
    id           TEXT   NOT NULL PRIMARY KEY,
    place        TEXT   NOT NULL,
    repo         TEXT,
    pull         BIGINT,
    installation BIGINT,
    head         TEXT   NOT NULL,
    pushed       TEXT,
    requested_ms BIGINT NOT NULL,
    ended_ms     BIGINT,
    latest_seq   BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS runs_by_place ON runs (place, requested_ms);
CREATE INDEX IF NOT EXISTS runs_by_repo ON runs (repo, requested_ms);
CREATE INDEX IF NOT EXISTS runs_by_time ON runs (requested_ms);

CREATE TABLE IF NOT EXISTS events (
    run   TEXT   NOT NULL,
    seq   BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    event TEXT   NOT NULL,
    PRIMARY KEY (run, seq)
);

CREATE TABLE IF NOT EXISTS signed (
    place       TEXT NOT NULL,
    interaction TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    dossier     TEXT NOT NULL,
    PRIMARY KEY (place, interaction)
);

CREATE TABLE IF NOT EXISTS posted (
    subject   TEXT NOT NULL,
    surface   TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    digest    TEXT NOT NULL,
    PRIMARY KEY (subject, surface)
);
