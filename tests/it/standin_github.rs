//! Stories of `standin_github`.
