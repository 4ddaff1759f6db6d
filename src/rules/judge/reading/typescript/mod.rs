//! The function's TypeScript source as plain facts: [`read::source`] makes a [`facts::Source`] of a text.
//!
//! The grammar is [oxc](https://oxc.rs), which also knows what a name refers to, so that a local that is called `process`
//! is not the global one. Nothing is found by looking for words in the text. Values that a program can put together
//! before it runs (`'pro' + 'cess'`, `['a', 'b'].join('')`, a `const` that stands for another) are put together here, too.

mod bindings;
mod changed;
mod checkpoint;
mod collect;
mod compared;
mod constant;
mod definition;
mod exec;
mod exposed;
pub mod facts;
mod fallback;
mod hidden;
pub mod joined;
mod kept;
mod nesting;
mod options;
mod path;
pub mod read;
pub mod requests;
mod schema;
mod shape;
mod tree;
mod webhook;
