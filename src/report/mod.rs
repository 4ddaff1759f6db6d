//! Readers of the log: the verdicts told to people.
