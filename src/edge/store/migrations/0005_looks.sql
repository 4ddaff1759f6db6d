-- When something was looked at last, by what.
CREATE TABLE looks (
    what TEXT NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL
);
