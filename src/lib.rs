//! Countersign: a GitHub App that has coding agents write Nango integrations, believes nothing they say, and checks
//! everything itself. `docs/design.md` tells how it works; start reading at [`domain::dossier::Dossier`].

pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod edge;
pub mod os;
pub mod preflight;
pub mod report;
pub mod rules;
pub mod run;
pub mod server;
pub mod slash;
pub mod text;
