//! Stories: a testbed, a pull request or a `countersign run`, and what became of it. Begin with [`story`].

mod adopted;
mod again;
mod alone;
mod bucket;
mod burst;
mod carried;
mod commands;
mod deaths;
mod draft;
mod emptied;
mod fork;
mod former;
mod full;
mod helpers;
mod hinted;
mod hollow;
mod housekeeping;
mod imperfect;
mod kill;
mod liars;
#[cfg(all(feature = "otlp", feature = "temporal"))]
mod machines;
mod many;
mod mended;
mod money;
mod moved;
mod neighbours;
mod odd_project;
mod old_state;
mod on_events;
mod own_input;
mod packages;
mod page;
mod postgres;
mod projects;
mod pruned;
mod restored;
mod reviews;
mod specs;
#[cfg(all(feature = "otlp", feature = "temporal"))]
mod spread;
mod stopped;
mod story;
mod taken_back;
mod twice;
mod writes;
