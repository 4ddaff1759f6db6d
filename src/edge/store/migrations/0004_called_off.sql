-- What somebody took out of a run while it was under way, once for every comment that says so.
CREATE TABLE called_off (
    run TEXT NOT NULL,
    interaction TEXT NOT NULL,
    comment BIGINT NOT NULL,
    PRIMARY KEY (run, interaction, comment)
);
