//! Stories of the command line: the real binary, with a home of its own and no other environment than a story gives it.

mod action;
mod check;
mod doctor;
mod drafts;
mod interrupt;
mod judge;
mod run;
mod setup;
mod trace;
mod wrong_use;
