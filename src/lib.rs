//! Countersign: a GitHub App that has coding agents write Nango integrations, believes nothing they say, and checks
//! everything itself. `docs/design.md` tells how it works; start reading at [`domain::dossier::Dossier`].

pub mod app;
pub mod cli;
pub mod command;
pub mod config;
pub mod domain;
pub mod door;
pub mod edge;
pub mod exit;
pub mod pipeline;
pub mod report;
pub mod reporter;
pub mod rules;
pub mod serve;
pub mod slash;
pub mod stage;
pub mod standin;
pub mod worker;
