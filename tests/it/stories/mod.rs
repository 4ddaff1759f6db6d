//! Stories: a testbed, a pull request or a `countersign run`, and what became of it. Begin with [`story`].

mod adopted;
mod carried;
mod commands;
mod draft;
mod fork;
mod former;
mod helpers;
mod hinted;
mod hollow;
mod housekeeping;
mod imperfect;
mod kill;
mod liars;
mod many;
mod mended;
mod moved;
mod old_state;
mod on_events;
mod own_input;
mod packages;
mod page;
mod specs;
mod story;
mod twice;
mod writes;
