//! Coding agents: what every one can do, and one folder for each.
