//! Stories of the GitHub edge, over HTTP against a server that answers as GitHub documents. The strict stand-in has
//! stories of its own.

mod fixture;
mod graphql;
mod page;
mod payloads;
mod posts;
mod tokens;
mod wire;
