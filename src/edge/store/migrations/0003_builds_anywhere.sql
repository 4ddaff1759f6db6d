-- Who builds an interaction of a run, on whichever machine: raised by whoever takes the build up, and who comes with an
-- older number writes nothing more.
CREATE TABLE builds (
    run TEXT NOT NULL,
    interaction TEXT NOT NULL,
    fence BIGINT NOT NULL,
    -- How often it could not go on for a reason of ours.
    faults BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (run, interaction)
);
